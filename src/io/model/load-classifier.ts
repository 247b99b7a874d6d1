import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createClassifier } from '../../core/classifier/classifier.ts'
import type { Model, ModelThresholds } from '../../core/classifier/model.ts'
import { decodeModel, encodeModel, ModelError, thresholdsOfFile } from '../../core/classifier/model-file.ts'
import type { Classifier } from '../../core/classifier/types.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')
const nameOf = (bytes: Uint8Array) => `sha256:${hash('sha256', bytes)}`

/** Reads a model file. @throws {ModelError} missing, altered, or not a model of this version. */
export function loadClassifier(file: string): Classifier {
  const bytes = bytesOf(file)
  return createClassifier(
    ofFile(file, () => decodeModel(bytes, sha256)),
    nameOf(bytes),
  )
}

/** Name and thresholds of a model file: what decides, for whoever scores nothing. @throws {ModelError} missing, or no model. */
export function modelFacts(file: string): { readonly modelHash: string; readonly thresholds: ModelThresholds } {
  const bytes = bytesOf(file)
  return { modelHash: nameOf(bytes), thresholds: ofFile(file, () => thresholdsOfFile(bytes)) }
}

/** What is wrong with a model is said with the name of its file. */
function ofFile<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    throw new ModelError(error.code, `${file}: ${error.message}`, { cause: error })
  }
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new ModelError('model_missing', `no model file at ${file}; run \`sluice train --data DIR\``, { cause })
  }
}

/** A model as the bytes of its file. */
export function modelBytes(model: Model): Uint8Array {
  return encodeModel(model, sha256)
}
