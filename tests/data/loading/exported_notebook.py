# score: 10
# no_note: stopped

#!/usr/bin/env python
# coding: utf-8

# In[1]:


get_ipython().run_line_magic('matplotlib', 'inline')
get_ipython().system('pip install numpy')
files = get_ipython().getoutput('ls')
print(len(files))
get_ipython().run_cell_magic('time', '', 'import numpy as np\nZERO = 0\n')


# In[2]:


if __name__ == '__main__':
    ONE = 1

def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias * ONE + ZERO
    return output
