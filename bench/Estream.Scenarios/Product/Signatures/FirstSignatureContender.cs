using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>A row of `sign` / `first`: in processes of their own, from the first line of the program to the first signature.</summary>
internal sealed class FirstSignatureContender(ContenderContext context) : IContender
{
    private readonly Samples _samples = new(context.Size.Of(10, 2));

    public RunResult Run()
    {
        for (int start = 0; start < _samples.Count; start++)
        {
            _samples.Set(start, 0, FirstSigner.Nanos());
        }

        return _samples.Round((ulong)_samples.Count);
    }

    public void Dispose()
    {
    }
}
