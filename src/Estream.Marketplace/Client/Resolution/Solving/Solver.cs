using Estream.Esf.Schema;

namespace Estream.Marketplace.Resolution;

/// <summary>
/// The PubGrub algorithm: unit propagation over incompatibilities, conflict resolution to the root cause, learning of the root cause, and
/// backjumping. Chooses packages in the order of discovery, newest version first, so equal requests give equal results. Adds the
/// dependencies of the preferred version as soon as a package is required, before the package is decided: consequences are then known
/// before hundreds of other packages are decided, and those decisions need not be repeated. Not thread-safe; use one instance per
/// resolution.
/// </summary>
/// <remarks>The algorithm follows Weizenbaum's description in the documentation of Dart's pub.</remarks>
internal sealed class Solver
{
    private const int AllHold = -1;

    private const int OneFailsOrTwoAreOpen = -2;

    private readonly SolverUniverse _universe;
    private readonly int _maxSteps;
    private readonly DependencyIncompatibilities _dependencies;
    private readonly PartialSolution _solution = new();
    private readonly List<List<Incompatibility>> _about = [];
    private readonly SortedSet<int> _waiting;
    private readonly SortedSet<int> _unread;
    private readonly Queue<int> _changed = [];

    public Solver(SolverUniverse universe, int maxSteps)
    {
        _universe = universe;
        _maxSteps = maxSteps;
        _dependencies = new DependencyIncompatibilities(universe);
        _waiting = new SortedSet<int>(Comparer<int>.Create(universe.CompareTurns));
        _unread = new SortedSet<int>(_waiting.Comparer);
    }

    /// <summary>The number of steps so far.</summary>
    public int Steps { get; private set; }

    /// <summary>The root cause, after <see cref="SolverOutcome.Conflict"/>.</summary>
    public Incompatibility? Failure { get; private set; }

    /// <summary>The decisions in order, after <see cref="SolverOutcome.Solved"/>.</summary>
    public IEnumerable<(SolverPackage Package, int Version)> Decisions =>
        _solution.Decisions.Select(decision => (_universe[decision.Package], decision.Version));

    public SolverOutcome Run()
    {
        Add(new Incompatibility([new Term(SolverUniverse.WorkspaceId, IntervalSet<int>.Before(1))], new Fact.Workspace()));
        int next = SolverUniverse.WorkspaceId;
        while (Steps < _maxSteps)
        {
            if (!Propagate(next))
            {
                return SolverOutcome.Conflict;
            }

            next = LookAhead();
            if (next >= 0)
            {
                continue;
            }

            next = Choose();
            if (next < 0 && DependencyCycles.Find(_universe, _solution) is Incompatibility circle)
            {
                // No existing incompatibility forbids the cycle, so the cycle is added as a fact.
                Add(circle);
                next = circle.Terms[0].Package;
            }
            else if (next < 0)
            {
                return SolverOutcome.Solved;
            }
        }

        return SolverOutcome.TooManySteps;
    }

    private void Add(Incompatibility incompatibility)
    {
        foreach (Term term in incompatibility.Terms)
        {
            while (_about.Count <= term.Package)
            {
                _about.Add([]);
            }

            _about[term.Package].Add(incompatibility);
        }
    }

    /// <summary>Applies unit propagation; returns false if there is no solution.</summary>
    private bool Propagate(int package)
    {
        _changed.Clear();
        _changed.Enqueue(package);
        while (_changed.TryDequeue(out int changed))
        {
            List<Incompatibility> about = changed < _about.Count ? _about[changed] : [];

            // Newest first: learnt incompatibilities are stronger than the facts they derive from.
            for (int i = about.Count - 1; i >= 0; i--)
            {
                int open = OpenTermOf(about[i]);
                if (open == AllHold)
                {
                    if (ResolveConflict(about[i]) is not Incompatibility cause)
                    {
                        return false;
                    }

                    // Backtracking undid the other pending changes. The incompatibilities that the look-ahead added for the first package
                    // may still apply, so examine that package again.
                    _changed.Clear();
                    Derive(cause, OpenTermOf(cause));
                    _changed.Enqueue(package);
                    break;
                }

                if (open >= 0)
                {
                    Derive(about[i], open);
                }
            }
        }

        return true;
    }

    /// <summary>Returns the index of the only undecided term if all other terms hold; otherwise <c>AllHold</c> or
    /// <c>OneFailsOrTwoAreOpen</c>.</summary>
    private int OpenTermOf(Incompatibility incompatibility)
    {
        int open = AllHold;
        for (int i = 0; i < incompatibility.Terms.Length; i++)
        {
            Term term = incompatibility.Terms[i];
            IntervalSet<int> left = _solution.Left(term.Package);
            if (left.IsSubsetOf(term.Set))
            {
                continue;
            }

            if (open != AllHold || left.IsDisjointFrom(term.Set))
            {
                return OneFailsOrTwoAreOpen;
            }

            open = i;
        }

        return open;
    }

    private void Derive(Incompatibility cause, int open)
    {
        Term term = cause.Terms[open];
        Steps++;
        _solution.Derive(term.Package, term.Set.Complement(), cause);
        _changed.Enqueue(term.Package);
        if (_solution.IsWaiting(term.Package))
        {
            _waiting.Add(term.Package);
            _unread.Add(term.Package);
        }
    }

    /// <summary>
    /// Derives the root cause of an incompatibility that holds, backtracks, and returns the root cause, in which one term is then
    /// undecided. Returns null if there is no solution.
    /// </summary>
    private Incompatibility? ResolveConflict(Incompatibility conflict)
    {
        Incompatibility incompatibility = conflict;
        while (!incompatibility.IsFailure)
        {
            Steps++;
            (int satisfier, Term term, int previousLevel) = SatisfierOf(incompatibility);
            PartialSolution.Assignment last = _solution[satisfier];
            if (last.Cause is null || previousLevel < last.Level)
            {
                _solution.Backtrack(previousLevel, package => _waiting.Add(package));
                if (!ReferenceEquals(incompatibility, conflict))
                {
                    Add(incompatibility);
                }

                return incompatibility;
            }

            incompatibility = Resolution(incompatibility, last, term);
        }

        Failure = incompatibility;
        return null;
    }

    /// <summary>Returns the assignment that makes the last term of an incompatibility hold, that term, and the level at which all other
    /// terms held.</summary>
    private (int Satisfier, Term Term, int PreviousLevel) SatisfierOf(Incompatibility incompatibility)
    {
        int satisfier = -1;
        int previous = -1;
        Term last = default;
        foreach (Term term in incompatibility.Terms)
        {
            int place = _solution.SatisfierOf(term);
            previous = Math.Max(previous, Math.Min(place, satisfier));
            if (place > satisfier)
            {
                (satisfier, last) = (place, term);
            }
        }

        previous = Math.Max(previous, _solution.SatisfierTogetherWith(last, _solution[satisfier]));

        // Level 1 is the decision for the workspace. Backtracking further would only make the messages longer.
        return (satisfier, last, previous < 0 ? 1 : Math.Max(1, _solution[previous].Level));
    }

    /// <summary>Resolves two incompatibilities: one caused an assignment that satisfies a term of the other.</summary>
    private static Incompatibility Resolution(Incompatibility incompatibility, PartialSolution.Assignment satisfier, Term term)
    {
        SortedDictionary<int, IntervalSet<int>> terms = [];
        foreach (Term other in incompatibility.Terms.Concat(satisfier.Cause!.Terms).Where(other => other.Package != satisfier.Package))
        {
            terms[other.Package] = terms.TryGetValue(other.Package, out IntervalSet<int> set) ? set.Intersect(other.Set) : other.Set;
        }

        IntervalSet<int> union = term.Set.Union(satisfier.Own.Complement());
        if (!union.IsEverything)
        {
            terms[satisfier.Package] = union;
        }

        // The workspace is always present, so its term is redundant if there are others.
        if (terms.Count > 1 && terms.TryGetValue(SolverUniverse.WorkspaceId, out IntervalSet<int> workspace) && workspace.Contains(1))
        {
            terms.Remove(SolverUniverse.WorkspaceId);
        }

        Term[] all = [.. terms.Select(pair => new Term(pair.Key, pair.Value))];
        return IsToldBefore(satisfier.Cause, incompatibility)
            ? new Incompatibility(all, satisfier.Cause, incompatibility)
            : new Incompatibility(all, incompatibility, satisfier.Cause);
    }

    /// <summary>Returns whether the explanation states the first fact before the second. The package nearer to the workspace comes first,
    /// so that the explanation reads "a needs b, and b needs c". For one package, older versions come first. Requirements of the workspace
    /// come last.</summary>
    private static bool IsToldBefore(Incompatibility a, Incompatibility b)
    {
        return a.Fact is not null && b.Fact is not null && Key(a).CompareTo(Key(b)) < 0;

        static (int Kind, int Package, int Version, int Detail) Key(Incompatibility fact)
        {
            Term from = fact.Terms[0];
            int kind = fact.Fact is Fact.DependencyCycle ? 1 : from.Package == SolverUniverse.WorkspaceId ? 2 : 0;
            return (kind, from.Package, from.Set.Cuts.Length == 0 ? 0 : from.Set.Cuts[0], fact.Fact is Fact.SchemaDependency ? 0 : 1);
        }
    }

    /// <summary>Adds the dependencies of the preferred version of the next required package whose dependencies were not added yet. Returns
    /// the package, or -1 if there is none.</summary>
    private int LookAhead()
    {
        while (_unread.Count > 0)
        {
            int package = _unread.Min;
            _unread.Remove(package);
            if (IsReadAhead(package) && _solution.IsWaiting(package))
            {
                foreach (Incompatibility incompatibility in _dependencies.Of(package,
                    _universe.Preferred(package, _solution.Left(package))))
                {
                    Add(incompatibility);
                }

                return package;
            }
        }

        return -1;
    }

    /// <summary>Returns whether the look-ahead reads a package: only components. It skips schemas, because it is known only after the other
    /// decisions which of their providers are chosen anyway.</summary>
    private bool IsReadAhead(int package) => _universe[package].Kind == PackageKind.Component;

    /// <summary>Decides a version of the next required package; returns the package, or -1 if all have a version.</summary>
    private int Choose()
    {
        while (_waiting.Count > 0)
        {
            int package = _waiting.Min;
            _waiting.Remove(package);
            if (!_solution.IsWaiting(package))
            {
                continue;
            }

            Steps++;
            int version = _universe.Preferred(package, _solution.Left(package));
            bool conflicts = false;
            foreach (Incompatibility incompatibility in IsReadAhead(package) ? [] : _dependencies.Of(package, version))
            {
                Add(incompatibility);
                conflicts |= Array.TrueForAll(incompatibility.Terms,
                    term => term.Package == package || _solution.Left(term.Package).IsSubsetOf(term.Set));
            }

            if (conflicts)
            {
                // The dependencies cannot be met: propagation will exclude this version, and the package stays undecided.
                _waiting.Add(package);
            }
            else
            {
                _solution.Decide(package, version);
            }

            return package;
        }

        return -1;
    }
}

/// <summary>How a run of the solver ended.</summary>
internal enum SolverOutcome
{
    /// <summary>Every required package has a version.</summary>
    Solved,

    /// <summary>There is no solution.</summary>
    Conflict,

    /// <summary>The limit of steps was reached first.</summary>
    TooManySteps,
}
