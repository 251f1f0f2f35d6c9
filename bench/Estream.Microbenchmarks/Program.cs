using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;

namespace Estream.Microbenchmarks;

internal static class Program
{
    private const string ArtifactsDirectory = "artifacts/microbenchmarks";

    private static int Main(string[] args)
    {
        IConfig config = DefaultConfig.Instance.WithArtifactsPath(ArtifactsDirectory);
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
        return 0;
    }
}
