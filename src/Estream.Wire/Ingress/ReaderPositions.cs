using Estream.Core;
using Estream.Queue;
using Estream.Queue.Internal;

namespace Estream.Wire;

/// <summary>Reads the positions of the named readers of a queue without the cost of <see cref="EstreamQueue.GetInfo()"/>, which searches
/// the end of the queue.</summary>
internal static class ReaderPositions
{
    /// <summary>Returns the position of each named reader. Costs a few system calls for each reader. Thread-safe.</summary>
    /// <exception cref="EstreamException">A cursor cannot be read.</exception>
    public static IEnumerable<(string Name, long Position)> Of(EstreamQueue queue) =>
        TailerCursor.ReadAll(queue.Files, queue.Clock.UtcNanos).Select(cursor => (cursor.Name, cursor.Position));
}
