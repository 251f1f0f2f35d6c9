using Estream.Esf.Schema;

namespace Estream.Marketplace.Resolution;

/// <summary>
/// The partial solution: the assignments so far, in order, which are decisions (chosen versions) and derivations. Stores the remaining set
/// of a package with each assignment, so that the first assignment that satisfies a term is found by binary search.
/// </summary>
internal sealed class PartialSolution
{
    private readonly List<Assignment> _trail = [];
    private readonly List<List<int>> _placesOf = [];
    private readonly List<int> _decisionOf = [];

    /// <summary>The number of decisions so far.</summary>
    public int Level { get; private set; }

    /// <summary>The chosen packages and their versions, in the order of the decisions.</summary>
    public IEnumerable<(int Package, int Version)> Decisions =>
        _trail.Where(assignment => assignment.Cause is null).Select(assignment => (assignment.Package, assignment.Own.Cuts[0]));

    /// <summary>Returns the remaining versions of a package; everything, including absence, if there is no assignment.</summary>
    public IntervalSet<int> Left(int package) =>
        package < _placesOf.Count && _placesOf[package].Count > 0 ? _trail[_placesOf[package][^1]].Left : IntervalSet<int>.Everything;

    public bool IsDecided(int package) => package < _decisionOf.Count && _decisionOf[package] >= 0;

    /// <summary>Returns whether a package is required and has no version yet.</summary>
    public bool IsWaiting(int package) => !IsDecided(package) && !Left(package).StartsInside;

    /// <summary>Chooses a version.</summary>
    public void Decide(int package, int version)
    {
        Level++;
        Add(package, IntervalSet<int>.Between(version, version + 1), cause: null);
        _decisionOf[package] = _trail.Count - 1;
    }

    /// <summary>Adds a derivation from an incompatibility.</summary>
    public void Derive(int package, IntervalSet<int> set, Incompatibility cause) => Add(package, set, cause);

    /// <summary>Removes all assignments above a level; calls <paramref name="undone"/> for each package whose decision was
    /// removed.</summary>
    public void Backtrack(int level, Action<int> undone)
    {
        while (_trail.Count > 0 && _trail[^1].Level > level)
        {
            Assignment last = _trail[^1];
            _placesOf[last.Package].RemoveAt(_placesOf[last.Package].Count - 1);
            _trail.RemoveAt(_trail.Count - 1);
            if (_decisionOf[last.Package] == _trail.Count)
            {
                _decisionOf[last.Package] = -1;
                undone(last.Package);
            }
        }

        Level = level;
    }

    /// <summary>Returns the first assignment with which a term holds: the satisfier of the term. The term must hold.</summary>
    public int SatisfierOf(Term term)
    {
        List<int> places = _placesOf[term.Package];
        return places[FirstWhere(places, place => _trail[place].Left.IsSubsetOf(term.Set))];
    }

    /// <summary>Returns the first assignment with which a term holds together with a later assignment of the same package; -1 if the later
    /// assignment alone suffices.</summary>
    public int SatisfierTogetherWith(Term term, Assignment later)
    {
        if (later.Own.IsSubsetOf(term.Set))
        {
            return -1;
        }

        List<int> places = _placesOf[term.Package];
        return places[FirstWhere(places, place => _trail[place].Left.Intersect(later.Own).IsSubsetOf(term.Set))];
    }

    public Assignment this[int place] => _trail[place];

    private static int FirstWhere(List<int> places, Func<int, bool> holds)
    {
        int low = 0;
        int high = places.Count - 1;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (holds(places[middle]))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private void Add(int package, IntervalSet<int> set, Incompatibility? cause)
    {
        while (_placesOf.Count <= package)
        {
            _placesOf.Add([]);
            _decisionOf.Add(-1);
        }

        _trail.Add(new Assignment(package, set, Left(package).Intersect(set), Level, cause));
        _placesOf[package].Add(_trail.Count - 1);
    }

    /// <summary>A decision or a derivation.</summary>
    /// <param name="Package">The package.</param>
    /// <param name="Own">The set of versions that this assignment permits.</param>
    /// <param name="Left">The versions of the package that remain after this assignment.</param>
    /// <param name="Level">The number of decisions up to this assignment.</param>
    /// <param name="Cause">The incompatibility of a derivation; null for a decision.</param>
    internal readonly record struct Assignment(int Package, IntervalSet<int> Own, IntervalSet<int> Left, int Level, Incompatibility? Cause);
}
