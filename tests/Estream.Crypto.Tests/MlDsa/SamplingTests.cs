using Estream.Crypto.Internal.Keccak;
using Estream.Crypto.Internal.MlDsa;
using Estream.Crypto.Tests.Support;

namespace Estream.Crypto.Tests.MlDsa;

/// <summary>Compares sampling with the standard's algorithms, one polynomial and one candidate at a time.</summary>
public sealed class SamplingTests
{
    public static TheoryData<int> Sets => [44, 65, 87];

    [Theory]
    [MemberData(nameof(Sets))]
    public void The_matrix_matches_the_standard(int set)
    {
        ParameterSet parameters = DsaKeys.Set(set);
        for (int number = 0; number < 20; number++)
        {
            byte[] seed = DsaKeys.Bytes(number, ParameterSet.SeedBytes);
            var matrix = new int[MatrixSampling.Length(parameters)];
            MatrixSampling.Expand(parameters, seed, matrix);
            for (int i = 0; i < parameters.K * parameters.L; i++)
            {
                int row = i / parameters.L, column = i % parameters.L;
                int[] actual = [.. Enumerable.Range(0, Field.N).Select(at => matrix[
                    (row * parameters.L * Field.N) + (at / MatrixSampling.Chunk * MatrixSampling.Chunk * parameters.L)
                        + (column * MatrixSampling.Chunk) + (at % MatrixSampling.Chunk)])];
                Assert.Equal(Uniform([.. seed, (byte)column, (byte)row]), actual);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Secrets_match_the_standard(int set)
    {
        ParameterSet parameters = DsaKeys.Set(set);
        for (int number = 0; number < 20; number++)
        {
            byte[] seed = DsaKeys.Bytes(number, ParameterSet.HashBytes);
            var secrets = new int[(parameters.K + parameters.L) * Field.N];
            SecretSampling.Sample(parameters, seed, secrets);
            for (int i = 0; i < parameters.K + parameters.L; i++)
            {
                Assert.Equal(Bounded([.. seed, (byte)i, 0], parameters.Eta), secrets[(i * Field.N)..((i + 1) * Field.N)]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Masks_match_the_standard(int set)
    {
        ParameterSet parameters = DsaKeys.Set(set);
        for (int first = 0; first < 40 * parameters.L; first += 13 * parameters.L)
        {
            byte[] seed = DsaKeys.Bytes(first, ParameterSet.HashBytes);
            var masks = new int[parameters.L * Field.N];
            MaskSampling.Sample(parameters, [.. seed, 0, 0], first, new ulong[KeccakX8.StateWords], new byte[MaskSampling.BufferBytes],
                masks);
            for (int i = 0; i < parameters.L; i++)
            {
                byte[] bytes = Shake256([.. seed, (byte)(first + i), (byte)((first + i) >> 8)], parameters.ResponseBytes);
                Assert.Equal(Enumerable.Range(0, Field.N)
                    .Select(at => parameters.Gamma1 - Bits(bytes, at * parameters.ResponseBits, parameters.ResponseBits)),
                        masks[(i * Field.N)..((i + 1) * Field.N)]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void A_challenge_has_as_many_nonzero_coefficients_as_the_standard_says(int set)
    {
        ParameterSet parameters = DsaKeys.Set(set);
        int[] challenge = new int[Field.N], sums = new int[Field.N];
        for (int number = 0; number < 2_000; number++)
        {
            ChallengeSampling.Sample(parameters, DsaKeys.Bytes(number, parameters.ChallengeBytes), challenge);
            Assert.Equal(parameters.Tau, challenge.Count(value => value is 1 or -1));
            Assert.Equal(Field.N - parameters.Tau, challenge.Count(value => value == 0));
            for (int at = 0; at < Field.N; at++)
            {
                sums[at] += Math.Abs(challenge[at]);
            }
        }

        // Every position is chosen about equally often: in 2000 draws with probability τ/256, within eight standard deviations.
        double mean = 2_000.0 * parameters.Tau / Field.N, deviation = Math.Sqrt(mean * (1 - ((double)parameters.Tau / Field.N)));
        Assert.All(sums, sum => Assert.InRange(sum, mean - (8 * deviation), mean + (8 * deviation)));
    }

    private static int[] Uniform(byte[] input)
    {
        var bytes = new byte[3 * 400];
        KeccakSponge sponge = KeccakSponge.Shake128();
        sponge.Absorb(input);
        sponge.Squeeze(bytes);
        return [.. bytes.Chunk(3).Select(three => three[0] | (three[1] << 8) | ((three[2] & 0x7F) << 16)).Where(value => value < Field.Q)
            .Take(Field.N)];
    }

    private static int[] Bounded(byte[] input, int eta) =>
        [.. Shake256(input, 600)
            .SelectMany(two => new[] { two & 0xF, two >> 4 })
            .Where(four => four < (eta == 2 ? 15 : 9))
            .Select(four => eta == 2 ? 2 - (four % 5) : 4 - four)
            .Take(Field.N)];

    private static byte[] Shake256(byte[] input, int length)
    {
        var bytes = new byte[length];
        KeccakSponge sponge = KeccakSponge.Shake256();
        sponge.Absorb(input);
        sponge.Squeeze(bytes);
        return bytes;
    }

    private static int Bits(byte[] bytes, int at, int count)
    {
        int value = 0;
        for (int bit = 0; bit < count; bit++)
        {
            value |= ((bytes[(at + bit) / 8] >> ((at + bit) % 8)) & 1) << bit;
        }

        return value;
    }
}
