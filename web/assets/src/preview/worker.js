// Reads PDF files beside the page: pdf.js's own worker, with what old browsers lack.
import '../lib/polyfill.js';
import 'pdfjs-dist/legacy/build/pdf.worker.mjs';
