"""A button that computes something long when it is pressed, and shows it below itself."""

import ipywidgets


def again(words, work):
    """A button with `words`; each press calls `work`, whose prints and pictures appear below.

    Parameters
    ----------
    words : str
    work : function ()

    Returns
    -------
    ipywidgets.VBox
    """
    button, below = ipywidgets.Button(description=words, layout={"width": "auto"}), ipywidgets.Output()

    def compute(_):
        button.disabled = True
        below.clear_output()
        try:
            with below:  # an error is shown there, and the button lives on
                work()
        finally:
            button.disabled = False

    button.on_click(compute)
    return ipywidgets.VBox([button, below])
