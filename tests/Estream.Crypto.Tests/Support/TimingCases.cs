using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Estream.Crypto.Internal.Keccak;
using Estream.Crypto.Internal.MlDsa;

namespace Estream.Crypto.Tests.Support;

/// <summary>What works on secrets, timed for two kinds of them with the instructions this process may use; and one whole signature that
/// takes a little longer for one kind, which has to be seen.</summary>
internal static class TimingCases
{
    public const string Argument = "timing";

    /// <summary>The one that leaks: a share of a signature is added for one kind.</summary>
    public const string Control = "control";

    // As many objects of both kinds, so that caches make no difference.
    private const int Keys = 8;

    // Signatures differ by their attempts, and where the slowest are left out, more of the kind that is slower are: with 100,000 of both
    // together t is about ten, and eight at the least.
    private const double ControlShare = 0.05;

    private static ulong s_sink;

    /// <summary>In the order in which they are printed.</summary>
    public static IReadOnlyList<string> Names { get; } = ["signature", "products", "parts", "masks", Control];

    /// <summary>Prints the name and Welch's t of each.</summary>
    /// <param name="signatures">How many signatures of both kinds together; of parts of them five times as many.</param>
    public static void Run(int signatures)
    {
        double[] results = [Signature(signatures, extra: 0), Products(5 * signatures), Parts(5 * signatures), Masks(5 * signatures),
            Signature(signatures, ExtraWork())];
        foreach ((string name, double t) in Names.Zip(results))
        {
            Console.WriteLine($"{name} {t.ToString(CultureInfo.InvariantCulture)}");
        }
    }

    // One fixed key against random ones.
    private static double Signature(int count, int extra)
    {
        MlDsa87PrivateKey[] same = [.. Enumerable.Range(0, Keys).Select(_ => DsaKeys.Numbered(1))],
        random = [.. Enumerable.Range(0, Keys).Select(number => DsaKeys.Numbered(number + 2))];
        byte[] data = new byte[32], signature = new byte[MlDsa87.SignatureBytes];
        MlDsa87PrivateKey key = same[0];
        int work = 0;
        return WelchTest.Of(
            count,
            (kind, number) =>
            {
                RandomNumberGenerator.Fill(data);
                key = (kind ? same : random)[number % Keys];
                work = kind ? extra : 0;
            },
            () =>
            {
                key.Sign(data, [], signature);
                s_sink += Work(work);
            });
    }

    // The challenge times a secret of zeroes, and of the largest.
    private static double Products(int count)
    {
        PolynomialArithmetic arithmetic = PolynomialArithmetic.Best;
        int[] challenge = Polynomial(1), secret = new int[Field.N], product = new int[Field.N], low = new int[Field.N];
        int[][] others = [.. Enumerable.Range(0, Keys).Select(Polynomial)];
        return WelchTest.Of(
            count,
            (kind, number) => CopyOrClear(others[number % Keys], kind, secret),
            () =>
            {
                arithmetic.Multiply(challenge, secret, product);
                arithmetic.Inverse(product);
                arithmetic.SubtractWithin(low, product, int.MaxValue);
            });
    }

    // What is taken apart, and the hints of it, for zeroes and for all there is.
    private static double Parts(int count)
    {
        ParameterSet parameters = ParameterSet.MlDsa87;
        PolynomialArithmetic arithmetic = PolynomialArithmetic.Best;
        int[] w = new int[Field.N], sums = new int[Field.N];
        byte[] high = new byte[Field.N], hints = new byte[Field.N];
        int[][] others = [.. Enumerable.Range(0, Keys).Select(Polynomial)];
        return WelchTest.Of(
            count,
            (kind, number) =>
            {
                CopyOrClear(others[number % Keys], kind, w);
                CopyOrClear(others[number % Keys], kind, sums);
            },
            () =>
            {
                arithmetic.Decompose(parameters, w, high);
                arithmetic.Carries(parameters.Gamma2, sums, hints);
                HintEncoding.Decide(hints, high);
            });
    }

    // The masks of one seed, and of random ones.
    private static double Masks(int count)
    {
        ParameterSet parameters = ParameterSet.MlDsa87;
        byte[] seed = new byte[ParameterSet.HashBytes + 2], buffer = new byte[MaskSampling.BufferBytes];
        ulong[] state = new ulong[KeccakX8.StateWords];
        int[] masks = new int[parameters.L * Field.N];
        byte[][] random = [.. Enumerable.Range(0, Keys).Select(number => DsaKeys.Bytes(number, seed.Length))];
        return WelchTest.Of(
            count,
            (kind, number) => CopyOrClear(random[number % Keys], kind, seed),
            () => MaskSampling.Sample(parameters, seed, 0, state, buffer, masks));
    }

    // So many multiplications, one waiting for the other, as take the control's share of a signature.
    private static int ExtraWork()
    {
        const int Signatures = 500, Multiplications = 1_000_000, Tries = 20;
        MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        byte[] signature = new byte[MlDsa87.SignatureBytes];
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Signatures; i++)
        {
            key.Sign(signature, [], signature);
        }

        double ofOne = Stopwatch.GetElapsedTime(start).TotalSeconds / Signatures;
        double least = double.MaxValue;
        for (int i = 0; i < Tries; i++)
        {
            start = Stopwatch.GetTimestamp();
            s_sink += Work(Multiplications);

            // Whatever disturbs makes it longer, and the control smaller than it is said to be.
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return (int)(ControlShare * ofOne / least * Multiplications);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static ulong Work(int multiplications)
    {
        ulong product = 3;
        for (int i = 0; i < multiplications; i++)
        {
            product *= 0x9E37_79B9_7F4A_7C15;
        }

        return product;
    }

    // Both kinds come from the same lines of the cache: other lines for one kind push other ones out of it, which is a difference of the
    // test and not of the work.
    private static void CopyOrClear<T>(T[] from, bool isClear, T[] to)
        where T : IBinaryInteger<T>
    {
        T mask = isClear ? T.Zero : ~T.Zero;
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = from[i] & mask;
        }
    }

    private static int[] Polynomial(int number)
    {
        var random = new Random(number);
        return [.. Enumerable.Range(0, Field.N).Select(_ => random.Next(-Field.Q / 2, Field.Q / 2))];
    }
}
