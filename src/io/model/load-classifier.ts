import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createClassifier } from '../../core/classifier/classifier.ts'
import type { Model } from '../../core/classifier/model.ts'
import { decodeModel, encodeModel, ModelError } from '../../core/classifier/model-file.ts'
import type { Classifier } from '../../core/classifier/types.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')

/** Reads a model file. @throws {ModelError} missing, altered, or not a model of this version. */
export async function loadClassifier(file: string): Promise<Classifier> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (cause) {
    throw new ModelError('model_missing', `no model file at ${file}; run \`sluice train --data DIR\``, { cause })
  }
  return createClassifier(decodeModel(bytes, sha256), `sha256:${hash('sha256', bytes)}`)
}

/** A model as the bytes of its file. */
export function modelBytes(model: Model): Uint8Array {
  return encodeModel(model, sha256)
}
