using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>A row of `sign` / `first`: in processes of their own, from the first line of the program to the first signature.</summary>
internal sealed class FirstSignatureContender(ContenderContext context) : IContender
{
    private readonly int _starts = (int)context.Size.Of(10, 2);
    private readonly Samples _samples = new(context.Size.Of(10, 2));

    public RunResult Run()
    {
        for (int start = 0; start < _starts; start++)
        {
            _samples.Set(start, 0, FirstSigner.Nanos());
        }

        return _samples.Round((ulong)_starts);
    }

    public void Dispose()
    {
    }
}
