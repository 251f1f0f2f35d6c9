#!/usr/bin/env python3
"""Prints the content of src/Estream.Marketplace/Packaging/Names/unicode.txt from the ICU of this machine, or computes skeletons.

    python3 unicode_tables.py                prints the table
    python3 unicode_tables.py skeletons      prints ICU's skeleton of each input line; input and output are hexadecimal code points

ICU 72 has Unicode 15.0 (Debian: libicu72).
"""
import ctypes
import sys

VERSION = 72
uc, i18n = ctypes.CDLL(f'libicuuc.so.{VERSION}'), ctypes.CDLL(f'libicui18n.so.{VERSION}')
LETTERS = (1, 2, 3, 4, 5)
WITHOUT_SCRIPT = ('Zyyy', 'Zinh', 'Zzzz')


def icu(library, name, restype=ctypes.c_int):
    function = getattr(library, f'{name}_{VERSION}')
    function.restype = restype
    return function


def called(function, *arguments):
    error = ctypes.c_int(0)
    result = function(*arguments, ctypes.byref(error))
    if error.value > 0:
        sys.exit(f'ICU answers with the error {error.value}')
    return result


checker = ctypes.c_void_p(called(icu(i18n, 'uspoof_open', ctypes.c_void_p)))
normalizer = ctypes.c_void_p(called(icu(uc, 'unorm2_getNFDInstance', ctypes.c_void_p)))
get_skeleton = icu(i18n, 'uspoof_getSkeletonUTF8')
get_decomposition = icu(uc, 'unorm2_getDecomposition')
get_class = icu(uc, 'u_getCombiningClass', ctypes.c_uint8)
get_type = icu(uc, 'u_charType', ctypes.c_int8)
get_script = icu(uc, 'uscript_getScript')
get_script_name = icu(uc, 'uscript_getShortName', ctypes.c_char_p)


def skeleton(text):
    data, buffer = text.encode(), ctypes.create_string_buffer(64 + 32 * len(text.encode()))
    length = called(get_skeleton, checker, 0, data, len(data), buffer, len(buffer))
    return buffer.raw[:length].decode()


def decomposition(code):
    buffer = (ctypes.c_uint16 * 64)()
    length = called(get_decomposition, normalizer, code, buffer, 64)
    return None if length < 0 else bytes(buffer)[:2 * length].decode('utf-16-le')


def hexadecimal(text):
    return ' '.join(f'{ord(character):X}' for character in text)


def ranges(values):
    found = []
    for code, value in values:
        if found and found[-1][2] == value and (found[-1][1] == code - 1 or isinstance(value, str)):
            found[-1][1] = code
        else:
            found.append([code, code, value])
    return [f'{first:X}-{last:X} {value}' for first, last, value in found]


def table():
    codes = [code for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    # Hangul syllables are decomposed by the arithmetic of the standard.
    decomposed = {code: decomposition(code) for code in codes if not 0xAC00 <= code <= 0xD7A3}
    composed = [code for code in codes if decomposed.get(code) is not None]
    plain = [code for code in codes if decomposed.get(code) is None and not 0xAC00 <= code <= 0xD7A3]
    prototypes = [(code, skeleton(chr(code))) for code in plain]
    scripts = [(code, called(get_script, code)) for code in codes if get_type(code) in LETTERS]
    names = [(code, get_script_name(script).decode()) for code, script in scripts]
    print('# Unicode 15.0 as ICU 72 knows it, rearranged: see unicode-license.txt. Written by tests/Estream.Marketplace.Tests/Names/unicode_tables.py.')
    print('[decompositions]', *(f'{code:X} {hexadecimal(decomposed[code])}' for code in composed), sep='\n')
    print('[classes]', *ranges((code, get_class(code)) for code in codes if get_class(code)), sep='\n')
    print('[prototypes]', *(f'{code:X} {hexadecimal(text)}' for code, text in prototypes if text != chr(code)), sep='\n')
    print('[scripts]', *ranges(pair for pair in names if pair[1] not in WITHOUT_SCRIPT), sep='\n')


if sys.argv[1:] == ['skeletons']:
    for line in sys.stdin:
        print(hexadecimal(skeleton(''.join(chr(int(code, 16)) for code in line.split()))))
else:
    table()
