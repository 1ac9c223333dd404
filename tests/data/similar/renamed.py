# expected: form: every own name is another one
import numpy as np

EINS = 1


def groesse(n, k, pad, step):
    return (n + 2 * pad - k) // step + EINS


def conv2d(input, kernel, bias, padding, stride):
    h = groesse(input.shape[0], kernel.shape[0], padding[0], stride[0])
    w = groesse(input.shape[1], kernel.shape[1], padding[1], stride[1])
    bild = np.pad(input, ((padding[0], padding[0]), (padding[1], padding[1])))
    ergebnis = np.zeros((h, w))
    for y in range(h):
        for x in range(w):
            oben, links = y * stride[0], x * stride[1]
            ausschnitt = bild[oben : oben + kernel.shape[0], links : links + kernel.shape[1]]
            ergebnis[y, x] = np.sum(ausschnitt * kernel) + bias
    return ergebnis
