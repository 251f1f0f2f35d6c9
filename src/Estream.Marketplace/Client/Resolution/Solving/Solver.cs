using Estream.Esf.Schema;

namespace Estream.Marketplace.Resolution;

/// <summary>
/// PubGrub: unit propagation over incompatibilities, conflicts resolved to their root causes, which are kept, and jumps back as far as the
/// cause reaches. Packages are chosen in the order in which they were met, newest version first, so equal requests have equal answers.
/// What the version to try next of a package needs is looked at as soon as the package has to be there, not when its turn comes: what
/// follows whichever version is chosen is then known before hundreds of others are chosen, and need not be chosen again. For one thread and
/// one resolution.
/// </summary>
/// <remarks>The algorithm is that of Weizenbaum's description in the documentation of Dart's pub.</remarks>
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

    /// <summary>The steps taken so far.</summary>
    public int Steps { get; private set; }

    /// <summary>Why there is no solution, after <see cref="SolverOutcome.Conflict"/>.</summary>
    public Incompatibility? Failure { get; private set; }

    /// <summary>What was chosen, in the order of the choices, after <see cref="SolverOutcome.Solved"/>.</summary>
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
                // Nobody said before that a circle is forbidden; now it is a fact like any other.
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

    /// <summary>Takes everything that follows; false when it follows that there is no solution.</summary>
    private bool Propagate(int package)
    {
        _changed.Clear();
        _changed.Enqueue(package);
        while (_changed.TryDequeue(out int changed))
        {
            List<Incompatibility> about = changed < _about.Count ? _about[changed] : [];

            // Newest first: what was learnt from conflicts says more than the facts it was learnt from.
            for (int i = about.Count - 1; i >= 0; i--)
            {
                int open = OpenTermOf(about[i]);
                if (open == AllHold)
                {
                    if (ResolveConflict(about[i]) is not Incompatibility cause)
                    {
                        return false;
                    }

                    // What was read ahead of the first may still say something where the search is now; all else that was to be looked at
                    // is undone.
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

    /// <summary>The one term that neither holds nor fails while all others hold.</summary>
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
    /// Goes from an incompatibility that holds to the cause of it that lies furthest back, undoes what rests on it, and gives the cause, of
    /// which one term is open then. Null when the cause is that there is no solution.
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

    /// <summary>The assignment that makes the last term of an incompatibility hold, that term, and the level at which all the others
    /// held.</summary>
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

        // Level 1 is the choice of the workspace: going back further would only make its messages longer.
        return (satisfier, last, previous < 0 ? 1 : Math.Max(1, _solution[previous].Level));
    }

    /// <summary>What follows from two incompatibilities of which one made an assignment that the other contradicts.</summary>
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

        // The workspace is always there, so its term says nothing beside others.
        if (terms.Count > 1 && terms.TryGetValue(SolverUniverse.WorkspaceId, out IntervalSet<int> workspace) && workspace.Contains(1))
        {
            terms.Remove(SolverUniverse.WorkspaceId);
        }

        Term[] all = [.. terms.Select(pair => new Term(pair.Key, pair.Value))];
        return IsToldBefore(satisfier.Cause, incompatibility)
            ? new Incompatibility(all, satisfier.Cause, incompatibility)
            : new Incompatibility(all, incompatibility, satisfier.Cause);
    }

    /// <summary>Of two facts, first is told what is nearer to the workspace, so that it reads as a needs b, and b needs c; then what is of
    /// older versions; what the workspace asks for ends a sentence.</summary>
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

    /// <summary>Takes in what the version to try next of a package needs; gives the package, or -1 when that is known of all that have to
    /// be there.</summary>
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

    /// <summary>A schema is not looked into before its turn: which of its providers is there anyway is known last.</summary>
    private bool IsReadAhead(int package) => _universe[package].Kind == PackageKind.Component;

    /// <summary>Chooses a version of the next package that has to be there; gives the package, or -1 when all have one.</summary>
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
                // What it needs is out of reach: propagation takes the version away, and the package still waits.
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
    /// <summary>Every package that has to be there has a version.</summary>
    Solved,

    /// <summary>There is no solution.</summary>
    Conflict,

    /// <summary>The limit was reached before it was known.</summary>
    TooManySteps,
}
