using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Estream.Crypto.Internal.MlKem;

namespace Estream.Crypto.Tests.MlKem;

/// <summary>Tests the arithmetic of coefficients, for all numbers or for many, with every kernel.</summary>
public sealed class ModularArithmeticTests
{
    private const int Q = Parameters.Q;

    private static readonly short[] s_all = [.. Enumerable.Range(short.MinValue, 65536).Select(value => (short)value)];

    [Fact]
    public void Every_number_is_reduced_to_at_most_the_modulus() => ForEachKind(new ReducesEveryNumber());

    [Fact]
    public void Products_are_Montgomery_products_below_the_modulus() => ForEachKind(new MultipliesEveryNumber());

    [Fact]
    public void Low_and_High_applied_twice_restore_the_inputs() => ForEachKind(new ExchangesHalves());

    [Fact]
    public void The_constants_match_the_modulus()
    {
        Assert.Equal(1, unchecked((short)(Parameters.QInverse * Q)));
        Assert.Equal(65536 % Q, Parameters.R);
        Assert.Equal(128, Zetas.Values.Select(zeta => Mod(zeta)).Distinct().Count());
        Assert.Equal(Mod(Parameters.R * 1729), Mod(Zetas.Values[1]));
    }

    private static int Mod(long value) => (int)(((value % Q) + Q) % Q);

    private static void ForEachKind(ICheck check)
    {
        check.Run<short, ScalarArithmetic>();
        if (Avx2.IsSupported)
        {
            check.Run<Vector256<short>, Arithmetic256>();
        }

        if (Avx512BW.IsSupported)
        {
            check.Run<Vector512<short>, Arithmetic512>();
        }
    }

    private interface ICheck
    {
        void Run<T, TOps>()
            where T : struct
            where TOps : struct, IModularLane<T>;
    }

    private sealed class ReducesEveryNumber : ICheck
    {
        public void Run<T, TOps>()
            where T : struct
            where TOps : struct, IModularLane<T>
        {
            short[] reduced = new short[s_all.Length], canonical = new short[s_all.Length];
            for (int at = 0; at < s_all.Length; at += TOps.Count)
            {
                TOps.Store(TOps.Reduce(TOps.Load(s_all, at)), reduced, at);
                TOps.Store(TOps.Canonical(TOps.Load(s_all, at)), canonical, at);
            }

            for (int i = 0; i < s_all.Length; i++)
            {
                Assert.Equal(Mod(s_all[i]), canonical[i]);
                Assert.Equal(Mod(s_all[i]), Mod(reduced[i]));
                Assert.True(reduced[i] is >= 0 and <= Q);
            }
        }
    }

    private sealed class MultipliesEveryNumber : ICheck
    {
        public void Run<T, TOps>()
            where T : struct
            where TOps : struct, IModularLane<T>
        {
            var products = new short[s_all.Length];
            foreach (short factor in Zetas.Values.Concat<short>([Q - 1, 1 - Q, Parameters.RSquared]))
            {
                for (int at = 0; at < s_all.Length; at += TOps.Count)
                {
                    TOps.Store(TOps.Multiply(TOps.Load(s_all, at), TOps.Broadcast(factor), TOps.Broadcast(Zetas.OverQ(factor))), products,
                        at);
                }

                for (int i = 0; i < s_all.Length; i++)
                {
                    if (products[i] is <= -Q or >= Q || ((products[i] * Parameters.R) - (s_all[i] * factor)) % Q != 0)
                    {
                        Assert.Fail($"{s_all[i]} * {factor} gave {products[i]}");
                    }
                }
            }
        }
    }

    private sealed class ExchangesHalves : ICheck
    {
        public void Run<T, TOps>()
            where T : struct
            where TOps : struct, IModularLane<T>
        {
            T a = TOps.Load(s_all, 0), b = TOps.Load(s_all, TOps.Count);
            if (TOps.Count > 16)
            {
                Check(TOps.Low(a, b, 16), TOps.High(a, b, 16), 16);
                Check(TOps.Low(TOps.Low(a, b, 16), TOps.High(a, b, 16), 16), TOps.High(TOps.Low(a, b, 16), TOps.High(a, b, 16), 16), 0);
            }

            if (TOps.Count > 1)
            {
                Check(TOps.Low(a, b, 8), TOps.High(a, b, 8), 8);
                Check(TOps.Low(TOps.Low(a, b, 8), TOps.High(a, b, 8), 8), TOps.High(TOps.Low(a, b, 8), TOps.High(a, b, 8), 8), 0);
                Check(TOps.Low(a, b, 4), TOps.High(a, b, 4), 4);
                Check(TOps.Low(TOps.Low(a, b, 4), TOps.High(a, b, 4), 4), TOps.High(TOps.Low(a, b, 4), TOps.High(a, b, 4), 4), 0);
                Check(TOps.Low(a, b, 2), TOps.High(a, b, 2), 2);
                Check(TOps.Low(TOps.Low(a, b, 2), TOps.High(a, b, 2), 2), TOps.High(TOps.Low(a, b, 2), TOps.High(a, b, 2), 2), 0);
            }

            static void Check(T low, T high, int length)
            {
                var actual = new short[2 * TOps.Count];
                TOps.Store(low, actual, 0);
                TOps.Store(high, actual, TOps.Count);
                for (int lane = 0; lane < actual.Length; lane++)
                {
                    Assert.Equal(s_all[length == 0 ? lane : Source(lane, length)], actual[lane]);
                }
            }

            static int Source(int lane, int length)
            {
                int inVector = lane % TOps.Count, block = inVector / (2 * length), inBlock = inVector % (2 * length);
                return (inBlock / length * TOps.Count) + (2 * length * block) + (inBlock % length) + (lane / TOps.Count * length);
            }
        }
    }
}
