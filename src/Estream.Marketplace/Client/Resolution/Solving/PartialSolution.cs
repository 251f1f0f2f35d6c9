using Estream.Esf.Schema;

namespace Estream.Marketplace.Resolution;

/// <summary>
/// What is taken to be true so far, in the order in which it was: choices of versions, and what follows from them. Of each package it knows
/// the set that is left at every moment, so that finding the first moment at which something held is a search by halves.
/// </summary>
internal sealed class PartialSolution
{
    private readonly List<Assignment> _trail = [];
    private readonly List<List<int>> _placesOf = [];
    private readonly List<int> _decisionOf = [];

    /// <summary>The number of choices so far.</summary>
    public int Level { get; private set; }

    /// <summary>The packages chosen, in the order of their choice, and their versions.</summary>
    public IEnumerable<(int Package, int Version)> Decisions =>
        _trail.Where(assignment => assignment.Cause is null).Select(assignment => (assignment.Package, assignment.Own.Cuts[0]));

    /// <summary>What is left of a package: everything, its absence too, of one that nothing is known of.</summary>
    public IntervalSet<int> Left(int package) =>
        package < _placesOf.Count && _placesOf[package].Count > 0 ? _trail[_placesOf[package][^1]].Left : IntervalSet<int>.Everything;

    public bool IsDecided(int package) => package < _decisionOf.Count && _decisionOf[package] >= 0;

    /// <summary>True of a package that has to be there and has no version yet.</summary>
    public bool IsWaiting(int package) => !IsDecided(package) && !Left(package).StartsInside;

    /// <summary>Chooses a version.</summary>
    public void Decide(int package, int version)
    {
        Level++;
        Add(package, IntervalSet<int>.Between(version, version + 1), cause: null);
        _decisionOf[package] = _trail.Count - 1;
    }

    /// <summary>Takes what follows from an incompatibility.</summary>
    public void Derive(int package, IntervalSet<int> set, Incompatibility cause) => Add(package, set, cause);

    /// <summary>Forgets everything behind a level; tells each package whose choice was undone.</summary>
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

    /// <summary>The first assignment with which a term holds: the satisfier of the term. The term holds now.</summary>
    public int SatisfierOf(Term term)
    {
        List<int> places = _placesOf[term.Package];
        return places[FirstWhere(places, place => _trail[place].Left.IsSubsetOf(term.Set))];
    }

    /// <summary>The first assignment with which a term holds once a later one of the same package is added; -1 where that one is enough
    /// alone.</summary>
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

    /// <summary>One thing taken to be true.</summary>
    /// <param name="Package">The package it is about.</param>
    /// <param name="Own">What it says.</param>
    /// <param name="Left">What is left of the package with all before it.</param>
    /// <param name="Level">The number of choices with it.</param>
    /// <param name="Cause">What it follows from; null for a choice.</param>
    internal readonly record struct Assignment(int Package, IntervalSet<int> Own, IntervalSet<int> Left, int Level, Incompatibility? Cause);
}
