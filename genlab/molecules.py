"""Molecules as text: what of the lines that a model writes is a molecule at all, and what RDKit estimates of it.

SMILES (Weininger, 1988) spells a molecule atom by atom; brackets are branches, equal digits a ring that closes. RDKit, an
optional extra, reads them; it knows the rules of valence, not whether anybody can make the molecule.
"""

import importlib.util

LONGEST = 1000  # characters of a line that is read
COLUMNS = ("smiles", "valid", "unique", "new", "mass", "logp", "qed")


def missing():
    """What to do where RDKit is not installed; None where it is."""
    if importlib.util.find_spec("rdkit") is not None:
        return None
    return 'Molecules are read by RDKit, which is not installed: pip install "genlab[molecules]"'


def read(smiles):
    """An RDKit molecule of one line, None where it spells none."""
    if missing():
        raise ImportError(missing())
    if not isinstance(smiles, str):
        raise ValueError(f"smiles={smiles!r}: must be a text")
    from rdkit import Chem, rdBase

    if not 0 < len(smiles) <= LONGEST:
        return None
    with rdBase.BlockLogs():  # it would print a line for each that is none
        return Chem.MolFromSmiles(smiles)


def judge(lines, known=()):
    """What lines of SMILES are worth.

    Parameters
    ----------
    lines : list of str
    known : iterable of str
        Molecules that are not new, in RDKit's canonical spelling, such as those that a model learned from.

    Returns
    -------
    DataFrame, a row a line
        "smiles" in canonical spelling (None where it is no molecule), "valid", "unique" (the first of its kind), "new"
        (unique, and not among `known`), and what RDKit estimates: "mass" in daltons, "logp" (Wildman and Crippen, 1999) and
        "qed" (Bickerton et al., 2012).

    Raises
    ------
    ImportError
        Without RDKit, with the line that installs it.
    """
    import pandas as pd

    known, rows = set(known), []
    for line in lines:
        molecule = read(line)
        rows.append(_described(molecule) if molecule is not None else {})
    found = pd.DataFrame(rows, columns=COLUMNS)
    found["valid"] = found["smiles"].notna()
    found["unique"] = found["valid"] & ~found["smiles"].duplicated()
    found["new"] = found["unique"] & ~found["smiles"].isin(known)
    return found


def _described(molecule):
    from rdkit import Chem
    from rdkit.Chem import QED, Crippen, Descriptors

    return {
        "smiles": Chem.MolToSmiles(molecule),
        "mass": Descriptors.MolWt(molecule),
        "logp": Crippen.MolLogP(molecule),
        "qed": QED.qed(molecule),
    }
