"""Make datasets/molecules.csv, and print its size and SHA-256.

Run once, when the file is to be made anew: ``python scripts/make_molecules.py``. It needs ``rdkit==2026.9.1`` beside genlab,
which carries the list of the National Cancer Institute. Another number of molecules ends in an error.
"""

import hashlib
import pathlib

from rdkit import Chem, RDConfig, RDLogger
from rdkit.Chem import QED, Crippen, Descriptors

from genlab.files import whole

FILE = pathlib.Path(__file__).parent.parent / "datasets" / "molecules.csv"
LONGEST, MOLECULES = 50, 4364  # characters of a line; how many come out
ELEMENTS = {"H", "C", "N", "O", "S", "P", "F", "Cl", "Br", "I"}  # of others there are too few to learn from


def molecules():
    """Each molecule once, in RDKit's canonical spelling: one piece, no longer than a row; with its mass and two estimates."""
    RDLogger.DisableLog("rdApp.*")  # of lines that spell no molecule, which are left out
    listed = (pathlib.Path(RDConfig.RDDataDir) / "NCI" / "first_5K.smi").read_text("ascii").splitlines()
    read = [Chem.MolFromSmiles(line.split()[0]) for line in listed if line.strip()]
    common = [one for one in read if one is not None and {atom.GetSymbol() for atom in one.GetAtoms()} <= ELEMENTS]
    spelled = {Chem.MolToSmiles(molecule) for molecule in common}
    kept = sorted(smiles for smiles in spelled if "." not in smiles and 1 < len(smiles) <= LONGEST)
    if len(kept) != MOLECULES:
        raise SystemExit(f"{len(kept)} molecules, not {MOLECULES:,}: is this rdkit 2026.9.1?")
    lines = ["smiles,mass,logp,qed"]
    for smiles in kept:
        molecule = Chem.MolFromSmiles(smiles)
        mass, logp = Descriptors.MolWt(molecule), Crippen.MolLogP(molecule)
        lines.append(f"{smiles},{mass:.2f},{logp:.3f},{QED.qed(molecule):.3f}")
    return "\n".join(lines) + "\n"


def main():
    text = molecules()
    with whole(FILE) as part:
        part.write_bytes(text.encode("ascii"))
    print(FILE.name, len(text), hashlib.sha256(text.encode()).hexdigest())


if __name__ == "__main__":
    main()
