namespace Estream.Esf.Schema;

/// <summary>
/// A set of ordered things as sorted intervals: the places where one goes from outside to inside and back. A cut is the first thing behind
/// it, so an interval has its lower cut and not its upper one. Two sets with the same members have the same cuts, as long as no two
/// different cuts have nothing between them. Immutable; every operation is linear in the cuts.
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

    /// <summary>Whether what comes before the first cut is inside.</summary>
    public bool StartsInside { get; }

    /// <summary>The cuts, ascending. Callers do not change them.</summary>
    public T[] Cuts => _cuts ?? [];

    public bool IsEmpty => !StartsInside && Cuts.Length == 0;

    public bool IsEverything => StartsInside && Cuts.Length == 0;

    /// <summary>Everything from a thing on.</summary>
    public static IntervalSet<T> From(T lower) => new(false, [lower]);

    /// <summary>Everything before a thing.</summary>
    public static IntervalSet<T> Before(T upper) => new(true, [upper]);

    /// <summary>From the lower on, before the upper; empty when there is nothing between.</summary>
    public static IntervalSet<T> Between(T lower, T upper) => lower.CompareTo(upper) < 0 ? new(false, [lower, upper]) : Empty;

    /// <summary>A set of its cuts, which ascend and are the set's from now on.</summary>
    public static IntervalSet<T> OfCuts(bool startsInside, T[] cuts) => new(startsInside, cuts);

    public bool Contains(T item)
    {
        // The cuts at or below the item: an odd number of them changes the side.
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

    // Of equal cuts, the texts may differ (build metadata), so they have no part in it.
    public override int GetHashCode() => StartsInside ? ~Cuts.Length : Cuts.Length;

    /// <summary>Whether the rule holds anywhere: as <see cref="Combine"/> and then not empty, without a new set.</summary>
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
