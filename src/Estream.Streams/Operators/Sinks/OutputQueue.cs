using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>What is asked of a queue that is appended to.</summary>
internal static class OutputQueue
{
    /// <exception cref="ArgumentException">There is none, or such a message does not fit.</exception>
    public static void Require(EstreamQueue output, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, EsfMessageHeader.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLength, output.MaxMessageBytes);
    }

    /// <summary>The same, where results that come again after a kill are compared with those that are there.</summary>
    /// <exception cref="ArgumentException">Such a message does not fit, or its schema has private fields: sealed twice, it is not the same
    /// twice.</exception>
    public static void RequireComparable<TWriter>(EstreamQueue output, int maxLength)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        Require(output, maxLength);
        if (TWriter.Schema.IsProtected)
        {
            throw new ArgumentException(
                $"{TWriter.Schema} has private or tokenized fields. Sealed again after a kill they are other bytes, so results with them "
                + "cannot be told from new ones: append them without, or take them further by a pipeline that appends with an "
                + "EsfSealer.");
        }
    }
}
