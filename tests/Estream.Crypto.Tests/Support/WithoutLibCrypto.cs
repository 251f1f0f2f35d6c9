using System.Runtime.InteropServices;

namespace Estream.Crypto.Tests.Support;

/// <summary>Prints the errors of Ed25519 in a process that finds no libcrypto, or another library in its place.</summary>
internal static class WithoutLibCrypto
{
    public const string Argument = "without-libcrypto";

    /// <summary>Prints whether Ed25519 is supported, and the error of each method that creates a key.</summary>
    /// <param name="library"><c>none</c> or <c>another</c>.</param>
    public static void Run(string library)
    {
        NativeLibrary.SetDllImportResolver(typeof(Ed25519).Assembly,
            (name, _, _) => library == "another" ? NativeLibrary.Load("libc.so.6") : throw new DllNotFoundException(name));
        Console.WriteLine(Ed25519.IsSupported);
        Say(() => Ed25519PrivateKey.Generate());
        Say(() => Ed25519PrivateKey.ImportSeed(new byte[Ed25519.SeedBytes]));
        Say(() => Ed25519PublicKey.Import(new byte[Ed25519.PublicKeyBytes]));
    }

    private static void Say(Func<object> import)
    {
        try
        {
            Console.WriteLine(import());
        }
        catch (PlatformNotSupportedException refused)
        {
            Console.WriteLine(refused.Message);
        }
    }
}
