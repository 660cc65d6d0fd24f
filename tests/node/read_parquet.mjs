// Prints the rows of a Parquet file as JSON: node read_parquet.mjs FILE
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'

const rows = await parquetReadObjects({ file: await asyncBufferFromFile(process.argv[2]) })
const plain = (key, value) => typeof value === 'bigint' ? Number(value) : value
console.log(JSON.stringify(rows, plain))
