namespace Estream.Esf.Schema;

/// <summary>
/// A set of ordered items as sorted intervals, stored as the cuts at which membership changes. A cut is the first item after the change, so
/// an interval contains its lower cut but not its upper cut. Sets with the same members have the same cuts, as long as there is an item
/// between any two different cuts. Immutable; every operation is linear in the number of cuts.
/// </summary>
internal readonly struct IntervalSet<T> : IEquatable<IntervalSet<T>>
    where T : IComparable<T>
{
    private readonly T[]? _cuts;

    private IntervalSet(bool startsInside, T[] cuts)
    {
        StartsInside = startsInside;
        _cuts = cuts;
    }

    public static IntervalSet<T> Empty => default;

    public static IntervalSet<T> Everything => new(true, []);

    /// <summary>Whether the items before the first cut belong to the set.</summary>
    public bool StartsInside { get; }

    /// <summary>The cuts, in ascending order. Callers must not change them.</summary>
    public T[] Cuts => _cuts ?? [];

    public bool IsEmpty => !StartsInside && Cuts.Length == 0;

    public bool IsEverything => StartsInside && Cuts.Length == 0;

    /// <summary>Returns the set of an item and all later items.</summary>
    public static IntervalSet<T> From(T lower) => new(false, [lower]);

    /// <summary>Returns the set of all items before an item.</summary>
    public static IntervalSet<T> Before(T upper) => new(true, [upper]);

    /// <summary>Returns the set from the lower item, inclusive, to the upper item, exclusive. The set is empty if the lower item is not
    /// before the upper item.</summary>
    public static IntervalSet<T> Between(T lower, T upper) => lower.CompareTo(upper) < 0 ? new(false, [lower, upper]) : Empty;

    /// <summary>Creates a set from its cuts, which must be in ascending order. The set takes ownership of the array.</summary>
    public static IntervalSet<T> OfCuts(bool startsInside, T[] cuts) => new(startsInside, cuts);

    public bool Contains(T item)
    {
        // Each cut inverts membership, so an odd number of cuts at or before the item inverts the membership at the start.
        int low = 0;
        int high = Cuts.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Cuts[middle].CompareTo(item) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return StartsInside ^ ((low & 1) != 0);
    }

    public IntervalSet<T> Complement() => new(!StartsInside, _cuts ?? []);

    public IntervalSet<T> Intersect(IntervalSet<T> other) => Combine(other, static (a, b) => a && b);

    public IntervalSet<T> Union(IntervalSet<T> other) => Combine(other, static (a, b) => a || b);

    public IntervalSet<T> Except(IntervalSet<T> other) => Combine(other, static (a, b) => a && !b);

    public bool IsSubsetOf(IntervalSet<T> other) => !HoldsSomewhere(other, static (a, b) => a && !b);

    public bool IsDisjointFrom(IntervalSet<T> other) => !HoldsSomewhere(other, static (a, b) => a && b);

    public bool Equals(IntervalSet<T> other)
    {
        if (StartsInside != other.StartsInside || Cuts.Length != other.Cuts.Length)
        {
            return false;
        }

        for (int i = 0; i < Cuts.Length; i++)
        {
            if (Cuts[i].CompareTo(other.Cuts[i]) != 0)
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => obj is IntervalSet<T> other && Equals(other);

    // Equal cuts may have different texts (build metadata), so the texts are not hashed.
    public override int GetHashCode() => StartsInside ? ~Cuts.Length : Cuts.Length;

    /// <summary>Whether the rule is true for any item: whether the result of <see cref="Combine"/> would be non-empty. Creates no
    /// set.</summary>
    private bool HoldsSomewhere(IntervalSet<T> other, Func<bool, bool, bool> rule)
    {
        T[] cutsA = Cuts;
        T[] cutsB = other.Cuts;
        bool inA = StartsInside;
        bool inB = other.StartsInside;
        int a = 0;
        int b = 0;
        while (!rule(inA, inB))
        {
            if (a == cutsA.Length && b == cutsB.Length)
            {
                return false;
            }

            int order = a == cutsA.Length ? 1 : b == cutsB.Length ? -1 : cutsA[a].CompareTo(cutsB[b]);
            inA ^= order <= 0;
            inB ^= order >= 0;
            a += order <= 0 ? 1 : 0;
            b += order >= 0 ? 1 : 0;
        }

        return true;
    }

    private IntervalSet<T> Combine(IntervalSet<T> other, Func<bool, bool, bool> rule)
    {
        bool inA = StartsInside;
        bool inB = other.StartsInside;
        bool starts = rule(inA, inB);
        bool inside = starts;
        T[] cuts = new T[Cuts.Length + other.Cuts.Length];
        int count = 0;
        for (int a = 0, b = 0; a < Cuts.Length || b < other.Cuts.Length;)
        {
            int order = a == Cuts.Length ? 1 : b == other.Cuts.Length ? -1 : Cuts[a].CompareTo(other.Cuts[b]);
            T cut = order <= 0 ? Cuts[a] : other.Cuts[b];
            if (order <= 0)
            {
                inA = !inA;
                a++;
            }

            if (order >= 0)
            {
                inB = !inB;
                b++;
            }

            if (rule(inA, inB) != inside)
            {
                inside = !inside;
                cuts[count++] = cut;
            }
        }

        Array.Resize(ref cuts, count);
        return new IntervalSet<T>(starts, cuts);
    }
}
