using Estream.Core;

namespace Estream.Map.Tests;

/// <summary>A sink that does not want to hear that entries ended, and says so in its own way.</summary>
internal sealed class NothingExpires : IChangeSink
{
    /// <summary>How often it was told.</summary>
    public int Refused { get; private set; }

    public void Append(in MapChange change)
    {
        if (change.Kind == MapChangeKind.Expire)
        {
            Refused++;
            throw new TimeoutException("Refused.");
        }
    }
}
