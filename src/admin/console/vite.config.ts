import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/**
 * Two entries: the console, and the decision page that the gateway serves to a refused caller. Both take their assets
 * from `/assets/`. No inline script leaves the build, so that `default-src 'self'` holds.
 */
export default defineConfig({
  base: '/',
  plugins: [react(), tailwindcss()],
  build: {
    outDir: '../../../dist/console',
    emptyOutDir: true,
    target: 'es2023',
    // light-dark() is kept as written: a rewrite would need a variable per colour and per theme.
    cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: { input: ['index.html', 'decision.html'] },
  },
})
