using System.Runtime;

namespace Estream.Crypto.Tests.Support;

/// <summary>Counts the methods that the runtime compiles on this thread for the first key and signature of a process.</summary>
internal static class CompiledMethods
{
    public const string Argument = "compiled-methods";

    /// <summary>Prints the count.</summary>
    /// <param name="isWarm">Whether to warm up first.</param>
    public static void Run(bool isWarm)
    {
        if (isWarm)
        {
            MlDsa87.WarmUp();
        }

        byte[] seed = new byte[MlDsa87.SeedBytes], signature = new byte[MlDsa87.SignatureBytes];
        seed[0] = 1;
        long before = JitInfo.GetCompiledMethodCount(currentThread: true);
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(seed);
        key.Sign(seed, [], signature);
        long count = JitInfo.GetCompiledMethodCount(currentThread: true) - before;
        Console.WriteLine(count);
    }
}
