using Estream.Esf.Schema;

namespace Estream.Marketplace.Resolution;

/// <summary>A statement about one package: which of its versions are meant, with 0 for its not being there. True of a choice that is in the
/// set.</summary>
internal readonly record struct Term(int Package, IntervalSet<int> Set)
{
    /// <summary>True when it cannot hold without the package.</summary>
    public bool IsPositive => !Set.StartsInside;
}
