namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Has the runtime compile what is computed with polynomials on another thread, while the first private key of the process is
/// hashed and sampled on this one.</summary>
/// <remarks>
/// Nine tenths of the time to the first signature is the compiler's, and most of that the vector code's, which is compiled whole at its
/// first call. Who comes to a method that is being compiled waits for that; nothing is compiled twice. With one processor there is nothing
/// to win.
/// </remarks>
internal static class SigningCode
{
    private static Task? s_compiled;

    /// <summary>Ends when all is compiled; null before the first key, and where nothing is compiled beforehand.</summary>
    public static Task? Compiled => Volatile.Read(ref s_compiled);

    /// <summary>Begins, the first time.</summary>
    public static void Begin()
    {
        if (Compiled is not null || Environment.ProcessorCount == 1)
        {
            return;
        }

        // Of several first keys one begins, and no key is there before all can see the task.
        Task made = new(Run);
        if (Interlocked.CompareExchange(ref s_compiled, made, null) is null)
        {
            made.Start(TaskScheduler.Default);
        }
    }

    // In the order in which a key and then a signature need them, on numbers that are all zero.
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
