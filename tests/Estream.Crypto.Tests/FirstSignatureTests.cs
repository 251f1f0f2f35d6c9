using System.Globalization;
using Estream.Crypto.Internal;
using Estream.Crypto.Internal.Keccak;
using Estream.Crypto.Internal.MlDsa;
using Estream.Crypto.Tests.Support;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>Counts the methods compiled before and for the first signature of a process.</summary>
public sealed class FirstSignatureTests
{
    [Fact]
    public void After_WarmUp_the_first_signature_compiles_few_methods()
    {
        int cold = Count("cold"), warm = Count("warm");
        Assert.True(cold > 60, $"{cold} methods without warming up: it has nothing to do any more");
        Assert.True(warm <= 20, $"{warm} methods after warming up, {cold} without");
    }

    [Fact]
    public async Task Background_compilation_runs_to_its_end()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        await VectorCode.Compiled!;
        Assert.False(VectorCode.IsCompiling);
        Assert.Same(PolynomialArithmetic.Fastest, PolynomialArithmetic.Best);
        Assert.Equal(KeccakKernels.Fastest, KeccakKernels.Best);
    }

    private static int Count(string how)
    {
        // With several processors, another thread may finish compiling the vector code, so that this thread calls it.
        Dictionary<string, string?> environment = [];
        if (how == "cold")
        {
            environment["DOTNET_PROCESSOR_COUNT"] = "1";
        }

        using ChildProcess child = ChildProcess.StartDotnet(
            typeof(FirstSignatureTests).Assembly.Location, [CompiledMethods.Argument, how], environment: environment);
        ProcessResult result = child.WaitForExit();
        Assert.True(result.ExitCode == 0, result.Error);
        return int.Parse(result.Output.Trim(), CultureInfo.InvariantCulture);
    }
}
