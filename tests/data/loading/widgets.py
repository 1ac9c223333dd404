# score: 10
# no_note: stopped

import numpy as np
from IPython.display import display, HTML, clear_output
from ipywidgets import interact, IntSlider
from google.colab import drive, files
from google.colab.patches import cv2_imshow
import plotly.express as px


drive.mount('/content/drive')
for name in files.upload().keys():
    print(name)
display(HTML('<b>x</b>'))


@interact(size=IntSlider(min=1, max=9))
def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias
    return output


px.imshow(conv2d(np.ones((3, 3)), np.ones((2, 2)), 0)).show()
cv2_imshow(np.ones((3, 3)))
