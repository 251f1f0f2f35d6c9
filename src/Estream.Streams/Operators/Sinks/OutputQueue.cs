using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>Checks queues that are appended to.</summary>
internal static class OutputQueue
{
    /// <exception cref="ArgumentException">The queue is null, or a message of the maximum length does not fit.</exception>
    public static void Require(EstreamQueue output, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, EsfMessageHeader.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLength, output.MaxMessageBytes);
    }

    /// <summary>Also checks that results can be compared, because results that are computed again after a crash are compared with the
    /// existing messages.</summary>
    /// <exception cref="ArgumentException">A message of the maximum length does not fit, or its schema has private or tokenized
    /// fields: a message that is sealed twice does not have the same bytes.</exception>
    public static void RequireComparable<TWriter>(EstreamQueue output, int maxLength)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        Require(output, maxLength);
        if (TWriter.Schema.IsProtected)
        {
            throw new ArgumentException(
                $"{TWriter.Schema} has private or tokenized fields. Sealing them again after a crash yields other bytes, so results that "
                + "exist are not recognised. Append results without these fields, or process them with a pipeline that appends with "
                + "an EsfSealer.");
        }
    }
}
