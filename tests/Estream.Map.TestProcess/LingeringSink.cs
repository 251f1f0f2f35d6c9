using Estream.Core;

namespace Estream.Map.TestProcess;

/// <summary>Takes its time when an event is appended, so that kills mostly meet the moment before the change is made.</summary>
internal sealed class LingeringSink(IChangeSink inner) : IChangeSink
{
    private const int Rounds = 500;

    public void Append(in MapChange change)
    {
        inner.Append(in change);
        Thread.SpinWait(Rounds);
    }
}
