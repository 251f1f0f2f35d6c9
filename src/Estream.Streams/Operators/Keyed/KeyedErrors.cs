using Estream.Core;

namespace Estream.Streams.Operators.Keyed;

/// <summary>What is said of a state that cannot be gone on with.</summary>
internal static class KeyedErrors
{
    /// <summary>A state that is not there any more can be made again of the same messages, if the queue has all of them.</summary>
    public static void RequireWholeSource(KeyedCore core, SourcePlace place)
    {
        if (!core.IsNew && place.GivenUp is > 0 and long given)
        {
            throw new EstreamCorruptionException(
                $"The state in '{core.Directory}' and the results do not belong together, or a power cut has hit them, and '{place.Directory}' has given up its first {given} messages, so they cannot be made anew. "
                + "Restore them from a copy, or begin with what is left: another name, an empty state and an empty output.", core.Directory);
        }
    }
}
