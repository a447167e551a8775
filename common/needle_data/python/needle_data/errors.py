"""Errors that a person can mend; the command line prints them without a traceback."""


class DataError(Exception):
    """A data set could not be downloaded, checked, unpacked or written. The message says why and what to do."""


class MissingDataError(DataError, FileNotFoundError):
    """Files of a data set are in none of the folders where they are looked for."""
