using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;

namespace Estream.Microbenchmarks;

internal static class Program
{
    private const string ArtifactsDirectory = "artifacts/microbenchmarks";

    // BenchmarkDotNet builds the product again for the process it measures. The default limit of two minutes is too short.
    private static readonly TimeSpan s_buildTimeout = TimeSpan.FromMinutes(15);

    private static int Main(string[] args)
    {
        IConfig config = DefaultConfig.Instance.WithArtifactsPath(ArtifactsDirectory).WithBuildTimeout(s_buildTimeout);
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
        return 0;
    }
}
