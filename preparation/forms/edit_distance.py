"""How many letters of a wording are misread, told while a text is read on."""

from preparation.forms.wordings import Label


class Distance:
    """The edit distance of a label from what was read so far, a letter at a time.

    The differences between the distances of neighbouring beginnings of the label are kept as bits of two numbers
    (Myers 1999; Hyyrö 2003): by the letter it took forty times as long.
    """

    def __init__(self, wanted: Label) -> None:
        self._places = wanted.places
        self._length = len(wanted.letters)
        self._all = (1 << self._length) - 1
        self._more, self._less = self._all, 0
        self.errors, self.read = self._length, 0

    def read_on(self, word: str) -> None:
        """Takes more letters."""
        more, less, errors = self._more, self._less, self.errors
        places, everywhere, last = self._places, self._all, 1 << (self._length - 1)
        for letter in word:
            here = places.get(letter, 0)
            level = (((here & more) + more) ^ more) | here
            up, down = (less | ~(level | more)) & everywhere, more & level
            if up & last:
                errors += 1
            elif down & last:
                errors -= 1
            up, steep = up << 1 | 1, here | less
            more, less = (down << 1 | ~(steep | up)) & everywhere, up & steep & everywhere
        self._more, self._less, self.errors = more, less, errors
        self.read += len(word)

    @property
    def least(self) -> int:
        """No fewer errors will there be, however it goes on.

        The distances of neighbouring beginnings of the label differ by one, and each is at least as many letters as
        it is shorter or longer than what was read.
        """
        mask = (1 << min(self.read, self._length)) - 1
        alike = self.read + (self._more & mask).bit_count() - (self._less & mask).bit_count()
        return (alike + max(0, self.read - self._length) + 1) // 2
