# Read a release of rsfm (or any CSV data package whose schemas are inline) into a named list of typed data frames.
# Needs readr and jsonlite. Cells with several values stay text, with "|" between them: strsplit(x, "|", fixed = TRUE).

read_rsfm <- function(path) {
  package <- jsonlite::read_json(file.path(path, "datapackage.json"))
  column <- function(field) {
    switch(rsfm_type(field),
      integer = readr::col_integer(),
      year = readr::col_integer(),
      number = readr::col_double(),
      boolean = readr::col_logical(),
      date = readr::col_date("%Y-%m-%d"),
      datetime = readr::col_datetime(),
      readr::col_character()
    )
  }
  read_table <- function(resource) {
    fields <- resource$schema$fields
    columns <- lapply(fields, column)
    names(columns) <- vapply(fields, function(field) field$name, "")
    table <- readr::read_csv(
      file.path(path, resource$path),
      col_types = do.call(readr::cols, columns), na = rsfm_missing(resource), trim_ws = FALSE, progress = FALSE,
      locale = readr::locale(encoding = "UTF-8")
    )
    problems <- readr::problems(table)
    if (nrow(problems) > 0) stop(resource$path, ": ", nrow(problems), " cells do not fit the schema")
    table
  }
  tables <- lapply(package$resources, read_table)
  names(tables) <- vapply(package$resources, function(resource) resource$name, "")
  tables
}

# The field's type, text where it names none. R's integers end at 2^31 - 1: an integer column whose maximum does not say
# that it stays below (a count of samples or parameters) is read as double.
rsfm_type <- function(field) {
  if (is.null(field$type)) return("string")
  maximum <- field$constraints$maximum
  fits <- !is.null(maximum) && as.numeric(maximum) <= .Machine$integer.max
  if (field$type == "integer" && !fits) "number" else field$type
}

# The texts that mean missing: the schema's, else the resource's, else the empty text; each may have a label beside it.
rsfm_missing <- function(resource) {
  values <- resource$schema$missingValues
  if (is.null(values)) values <- resource$missingValues
  if (is.null(values)) return("")
  vapply(values, function(item) if (is.list(item)) item$value else item, "")
}
