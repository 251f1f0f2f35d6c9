using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Estream.Crypto.Internal.Keccak;
using Estream.Crypto.Internal.MlDsa;

namespace Estream.Crypto.Tests.Support;

/// <summary>Times the code that works on secrets, for two classes of secrets, with the instructions that this process may use. The control
/// is a whole signature that takes slightly longer for one class; the test must detect this difference.</summary>
internal static class TimingCases
{
    public const string Argument = "timing";

    /// <summary>The case that leaks on purpose: one class takes a fraction of a signature longer.</summary>
    public const string Control = "control";

    // The same number of objects for both classes, so that caches make no difference.
    private const int Keys = 8;

    // The extra work of the control, as a share of a signature. The number of attempts varies between signatures, and discarding the
    // slowest signatures removes more of the slower class. With 100,000 signatures of both classes together, t is about ten, and at least
    // eight.
    private const double ControlShare = 0.05;

    private static ulong s_sink;

    /// <summary>The names of the cases, in the order in which they are printed.</summary>
    public static IReadOnlyList<string> Names { get; } = ["signature", "products", "parts", "masks", Control];

    /// <summary>Prints the name and Welch's t of each case.</summary>
    /// <param name="signatures">The number of signatures of both classes together; parts of signatures run five times as often.</param>
    public static void Run(int signatures)
    {
        double[] results = [Signature(signatures, extra: 0), Products(5 * signatures), Parts(5 * signatures), Masks(5 * signatures),
            Signature(signatures, ExtraWork())];
        foreach ((string name, double t) in Names.Zip(results))
        {
            Console.WriteLine($"{name} {t.ToString(CultureInfo.InvariantCulture)}");
        }
    }

    // Compares signatures with a fixed key and with random keys.
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

    // Multiplies the challenge by a polynomial of zeroes, and by random polynomials.
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

    // Decomposes and computes hints, for zeroes and for random values.
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

    // Samples the masks of one seed, and of random seeds.
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

    // Returns the number of dependent multiplications that take the control's fraction of the time of a signature.
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

            // Takes the shortest time: a disturbance makes a measurement longer, and the control would get less extra work than stated.
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

    // Reads and writes the same cache lines for both classes. Otherwise the lines of one class would evict others, and the test would
    // measure a difference of its own making.
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
