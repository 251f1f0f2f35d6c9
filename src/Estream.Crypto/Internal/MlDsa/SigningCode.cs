namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Compiles the polynomial arithmetic on another thread, while the calling thread hashes and samples the first private key of the
/// process.</summary>
/// <remarks>
/// Nine tenths of the time to the first signature is spent in the compiler, mostly on vector code, which is compiled at full optimization
/// at its first call. A thread that calls a method during its compilation waits for it; nothing is compiled twice. With a single processor
/// there is no benefit.
/// </remarks>
internal static class SigningCode
{
    private static Task? s_compiled;

    /// <summary>A task that completes when everything is compiled; null before the first key, and on a single processor.</summary>
    public static Task? Compiled => Volatile.Read(ref s_compiled);

    /// <summary>Starts the compilation at the first call.</summary>
    public static void Begin()
    {
        if (Compiled is not null || Environment.ProcessorCount == 1)
        {
            return;
        }

        // If several threads create the first keys at once, only one thread starts the task. Each thread then finds Compiled set.
        Task made = new(Run);
        if (Interlocked.CompareExchange(ref s_compiled, made, null) is null)
        {
            made.Start(TaskScheduler.Default);
        }
    }

    // Calls the methods on polynomials of zeroes, in the order in which creating a key and then signing need the methods.
    private static void Run()
    {
        ParameterSet parameters = ParameterSet.MlDsa87;
        PolynomialArithmetic arithmetic = PolynomialArithmetic.Best;
        int[] one = new int[Field.N], two = new int[Field.N];
        byte[] bytes = new byte[Field.N], encoded = new byte[2 * parameters.ResponseBytes];
        arithmetic.Forward(one);
        arithmetic.Sum(one, one, two);
        arithmetic.Inverse(two);
        arithmetic.AddCanonical(two, one);
        BitPacking.Pack(one, ParameterSet.HighPublicBits, encoded);
        BitPacking.Unpack(encoded, ParameterSet.HighPublicBits, one);
        arithmetic.Center(one);
        ResponseEncoding.Decode(parameters, encoded, one);
        arithmetic.Decompose(parameters, two, bytes);
        BitPacking.PackBytes(bytes, parameters.HighBits, encoded);
        arithmetic.Multiply(two, two, one);
        arithmetic.SubtractWithin(two, one, parameters.Gamma2);
        arithmetic.AddWithin(two, one, parameters.Gamma2);
        arithmetic.IsWithin(two, parameters.Gamma2);
        arithmetic.Carries(parameters.Gamma2, two, bytes);
    }
}
