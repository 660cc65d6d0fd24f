# Read a release of rsfm (or any CSV data package whose schemas are inline) into a named list of typed data frames.
# Needs readr and jsonlite. Cells with several values stay text, with "|" between them: strsplit(x, "|", fixed = TRUE).

read_rsfm <- function(path) {
  package <- jsonlite::read_json(file.path(path, "datapackage.json"))
  column <- function(field) {
    switch(field$type,
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
    columns <- lapply(fields, function(field) column(rsfm_widen(field)))
    names(columns) <- vapply(fields, function(field) field$name, "")
    table <- readr::read_csv(
      file.path(path, resource$path),
      col_types = do.call(readr::cols, columns), na = "", trim_ws = FALSE, progress = FALSE,
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

# R's integers end at 2^31 - 1; a column that may hold more (it has the unit "1": parameter counts) is read as double.
rsfm_widen <- function(field) {
  if (field$type == "integer" && identical(field$unit, "1")) field$type <- "number"
  field
}
