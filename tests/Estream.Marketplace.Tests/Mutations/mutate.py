#!/usr/bin/env python3
"""Removes the guards of the marketplace one at a time, and fails unless a test detects each removal.

    dotnet build tests/Estream.Marketplace.Tests -c Release
    python3 tests/Estream.Marketplace.Tests/Mutations/mutate.py            all tables
    python3 tests/Estream.Marketplace.Tests/Mutations/mutate.py log        the table log.txt
    python3 tests/Estream.Marketplace.Tests/Mutations/mutate.py 20-40      a range of all mutations
    python3 tests/Estream.Marketplace.Tests/Mutations/mutate.py log:0-10   a range of log.txt
    python3 tests/Estream.Marketplace.Tests/Mutations/mutate.py root-number log/history
    python3 tests/Estream.Marketplace.Tests/Mutations/mutate.py --seconds 500 log    stops after 500 s and lists the rest

The tables in this folder define the mutations: a name in brackets, the file below src/Estream.Marketplace, the old text (-), the new text (+), and the tests that must detect the
mutation. The prefix fuzz: refers to a target of tests/Estream.Fuzz, which must be built first. MutationTableTests checks that each old text occurs exactly once and that the tests exist.

Nothing is written to the checkout. Only the library is compiled, from a copy of its sources, with the compiler and the arguments of the build, next to a copy of the built tests
(MutantProcess runs them on one copy of the library after another). A mutation costs some seconds. ESTREAM_MUTATION_SCRATCH names the folder of the copies; concurrent runs need one
folder each. The exit code is 1 if a mutation survives, does not compile or was not run.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, '..', '..', '..'))
PROJECT = os.path.join(ROOT, 'src', 'Estream.Marketplace')
TESTS = os.path.join(ROOT, 'tests', 'Estream.Marketplace.Tests', 'bin', 'Release', 'net10.0')
SCRATCH = os.environ.get('ESTREAM_MUTATION_SCRATCH', '/var/tmp/estream-mutations')
FUZZ_TESTS = os.path.join(ROOT, 'tests', 'Estream.Fuzz', 'bin', 'Release', 'net10.0')
# The project refers to circuits/ by relative paths, so the copy has the same depth as in the checkout.
SOURCES = os.path.join(SCRATCH, 'src-copy', 'Estream.Marketplace')
BIN, OBJ, FUZZ = (os.path.join(SCRATCH, name) for name in ('bin-copy', 'obj-copy', 'fuzz-copy'))
FUZZ_MARK = 'fuzz:'
ASSEMBLY = 'Estream.Marketplace.dll'
TEST_SECONDS, WHOLE_SECONDS, MUTANTS_PER_PROCESS = 240, 1200, 40


def read_tables():
    mutations = []
    for table in sorted(glob.glob(os.path.join(HERE, '*.txt'))):
        area = os.path.splitext(os.path.basename(table))[0]
        with open(table, encoding='utf-8') as text:
            for block in re.split(r'\n\n(?=\[)', text.read().strip('\n')):
                lines = block.split('\n')
                of = {mark: '\n'.join(line[1:] for line in lines if line.startswith(mark)) for mark in '-+'}
                field = {line.split(' ', 1)[0]: line.split(' ', 1)[1] for line in lines if line.startswith(('file ', 'by '))}
                mutations.append((area, lines[0].strip('[]'), field['file'], of['-'], of['+'], field['by'].split()))
    return mutations


def chosen(mutations, words):
    if not words:
        return mutations
    taken = []
    for word in words:
        piece = re.fullmatch(r'(?:([a-z]+):)?(\d+)-(\d+)', word)
        found = [one for one in mutations if piece[1] in (None, one[0])][int(piece[2]):int(piece[3])] if piece else [one for one in mutations if word in (*one[:2], '/'.join(one[:2]))]
        if not found:
            sys.exit(f'{word} is not a table, a mutation or a range of mutations')
        taken += found
    return taken


def prepare():
    """Creates a folder that looks like the checkout to the tests, with copies of the built tests and of the library's sources. Returns the compiler command."""
    shutil.rmtree(SCRATCH, ignore_errors=True)
    os.makedirs(OBJ)
    for name in os.listdir(ROOT):
        if name not in ('.git', 'artifacts'):
            os.symlink(os.path.join(ROOT, name), os.path.join(SCRATCH, name))
    shutil.copytree(TESTS, BIN)
    shutil.copytree(PROJECT, SOURCES, ignore=shutil.ignore_patterns('bin', 'obj'))
    asked = subprocess.run(
        ['dotnet', 'msbuild', PROJECT, '-p:Configuration=Release', '-p:ProvideCommandLineArgs=true', '-p:SkipCompilerExecution=true', '-p:BuildProjectReferences=false',
         '-p:RunAnalyzers=false', '-p:TreatWarningsAsErrors=false', '-p:GenerateDocumentationFile=false', '-p:CompileUsingReferenceAssemblies=false', f'-p:IntermediateOutputPath={OBJ}/',
         '-t:ResolveReferences;PrepareResources;_GenerateCompileInputs;CoreCompile',
         '-getItem:CscCommandLineArgs', '-getProperty:RoslynTargetsPath'],
        capture_output=True, text=True)
    if asked.returncode:
        sys.exit(f'The compiler arguments could not be determined:\n{asked.stdout}{asked.stderr}')
    answer = json.loads(asked.stdout)
    arguments = [item['Identity'] for item in answer['Items']['CscCommandLineArgs']]
    # The library needs the source generators of regular expressions and ESF messages. Other analyzers cost more time than compiling.
    needed = ('RegularExpressions', 'Estream.Esf')
    arguments = [one for one in arguments if not one.startswith(('/out:', '/refout:', '/doc:', '/warnaserror', '/pdb:', '/debug', '/embed', '/sourcelink')) and (not one.startswith('/analyzer:') or any(name in one for name in needed))]
    with open(os.path.join(OBJ, 'arguments.rsp'), 'w', encoding='utf-8') as response:
        response.write('\n'.join(one if ' ' not in one or one.startswith('"') else re.sub(r'^(/[a-z]+:)?(.*)$', r'\1"\2"', one) for one in arguments))
        response.write(f'\n/out:{OBJ}/{ASSEMBLY}\n/warn:0\n')
    compiler = os.path.join(answer['Properties']['RoslynTargetsPath'], 'bincore', 'csc.dll')
    return ['dotnet', 'exec', compiler, '/noconfig', '/shared', '/keepalive:120', f'@{OBJ}/arguments.rsp']


def compile_mutant(compiler, number):
    """Compiles the current sources. Returns the library file, or None and the error."""
    run = subprocess.run(compiler, cwd=SOURCES, capture_output=True, text=True)
    if run.returncode:
        return None, next((line for line in run.stdout.split('\n') if 'error' in line), run.stdout + run.stderr)
    folder = os.path.join(OBJ, str(number))
    os.makedirs(folder)
    file = shutil.copy(os.path.join(OBJ, ASSEMBLY), os.path.join(folder, ASSEMBLY))
    # Tests that start a process load the library from the test folder. Replacing the file does not affect processes that loaded it before.
    shutil.copy(file, os.path.join(BIN, ASSEMBLY + '.new'))
    os.replace(os.path.join(BIN, ASSEMBLY + '.new'), os.path.join(BIN, ASSEMBLY))
    return file, None


class Tests:
    """The process that runs tests on one library after another (MutantProcess)."""

    def __init__(self):
        self.process, self.asked = None, 0

    def run(self, file, names, all_of_them=False, seconds=TEST_SECONDS):
        """Returns the numbers of failed and passed tests; None after a timeout."""
        if self.process is None or self.asked >= MUTANTS_PER_PROCESS:
            self.stop()
            self.process = subprocess.Popen(
                ['dotnet', os.path.join(BIN, 'Estream.Marketplace.Tests.dll'), 'mutants'], cwd=SCRATCH, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(os.path.join(SCRATCH, 'failures.txt'), 'a'))
            self.asked = 0
        self.asked += 1
        late = threading.Timer(seconds, self.process.kill)
        late.start()
        self.process.stdin.write('\t'.join([file, 'all' if all_of_them else 'first', *sorted(set(names))]) + '\n')
        self.process.stdin.flush()
        answer = next((line for line in self.process.stdout if line.startswith('mutant ')), None)
        is_late = not late.is_alive()
        late.cancel()
        if answer is None:
            self.stop()
            return None if is_late else (1, 0)
        return tuple(int(count) for count in answer.split()[1:])

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def run_fuzz(file, names, seconds=TEST_SECONDS):
    """Runs targets of tests/Estream.Fuzz, a separate program. Returns the same as Tests.run."""
    if not os.path.isdir(FUZZ):
        shutil.copytree(FUZZ_TESTS, FUZZ)
    shutil.copy(file, os.path.join(FUZZ, ASSEMBLY))
    try:
        run = subprocess.run(['dotnet', 'test', os.path.join(FUZZ, 'Estream.Fuzz.dll'), '--filter', '|'.join(f'FullyQualifiedName~{name}' for name in sorted(set(names)))],
                             cwd=SCRATCH, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None
    with open(os.path.join(SCRATCH, 'failures.txt'), 'a', encoding='utf-8') as failures:
        failures.write(run.stdout if run.returncode else '')
    counts = [int((re.search(fr'{word}: *(\d+)', run.stdout) or [0, 0])[1]) for word in ('Failed', 'Passed')]
    return (max(counts[0], 1), counts[1]) if run.returncode else (0, counts[1])


def run_all(tests, file, names, **how):
    """Runs tests of this project and targets of tests/Estream.Fuzz until one fails."""
    fuzz = [name.removeprefix(FUZZ_MARK) for name in names if name.startswith(FUZZ_MARK)]
    own = [name for name in names if not name.startswith(FUZZ_MARK)]
    found = tests.run(file, own, **how) if own else (0, 0)
    if fuzz and found is not None and not found[0]:
        more = run_fuzz(file, fuzz)
        found = more and (more[0], found[1] + more[1])
    return found


def main():
    words, end = sys.argv[1:], None
    if '--seconds' in words:
        at = words.index('--seconds')
        end = time.monotonic() + int(words[at + 1])
        del words[at:at + 2]
    mutations = chosen(read_tables(), words)
    compiler = prepare()
    tests = Tests()
    whole_file, wrong = compile_mutant(compiler, 'whole')
    whole = run_all(tests, whole_file, [name for one in mutations for name in one[5]], all_of_them=True, seconds=WHOLE_SECONDS) if wrong is None else None
    if wrong or whole is None or whole[0] or not whole[1]:
        sys.exit(f'The tests must pass with all guards in place: {wrong or whole}. {SCRATCH}/failures.txt lists the failures.')
    print(f'{whole[1]} tests pass with all guards in place', flush=True)
    survivors = 0
    for number, (area, title, file, old, new, by) in enumerate(mutations):
        if end is not None and time.monotonic() > end:
            left = ' '.join('/'.join(one[:2]) for one in mutations[number:])
            sys.exit(f'{number} mutations, {survivors} not found, not run: {left}')
        path = os.path.join(SOURCES, file)
        with open(path, encoding='utf-8') as source:
            text = source.read()
        pattern = re.compile(r'\s*'.join(re.escape(one) for one in old if not one.isspace()))
        count = len(pattern.findall(text))
        if count != 1:
            outcome = f'OCCURS {count} TIMES'
        else:
            with open(path, 'w', encoding='utf-8') as source:
                source.write(pattern.sub(lambda _: new, text))
            mutant, wrong = compile_mutant(compiler, number)
            found = (0, 0) if wrong else run_all(tests, mutant, by)
            outcome = f'DOES NOT COMPILE {wrong}' if wrong else 'found by a timeout' if found is None else 'found' if found[0] else f'SURVIVED {found[1]} tests'
            with open(path, 'w', encoding='utf-8') as source:
                source.write(text)
        survivors += not outcome.startswith('found')
        print(f'{number:3} {area}/{title}: {outcome} ({" ".join(by)})', flush=True)
    tests.stop()
    print(f'{len(mutations)} mutations, {survivors} not found')
    sys.exit(1 if survivors else 0)


main()
