using Estream.Crypto.Tests.Support;

namespace Estream.Crypto.Tests;

/// <summary>Runs all published signature cases with the instructions of this processor. The expected counts are the numbers of cases in the
/// files, so no case is skipped.</summary>
public sealed class DsaVectorTests
{
    [Theory]
    [InlineData(44)]
    [InlineData(65)]
    [InlineData(87)]
    public void Keys_from_seeds_equal_the_published_vectors(int set) => Assert.Equal(25, DsaAcvpVectors.KeyGeneration(set));

    [Theory]
    [InlineData(44)]
    [InlineData(65)]
    [InlineData(87)]
    public void Hedged_and_deterministic_signatures_equal_the_published_vectors(int set) => Assert.Equal(60, DsaAcvpVectors.Signing(set));

    [Theory]
    [InlineData(44)]
    [InlineData(65)]
    [InlineData(87)]
    public void Verification_gives_the_published_results(int set) => Assert.Equal(30, DsaAcvpVectors.Verifying(set));

    [Theory]
    [InlineData(44, 82, 4)]
    [InlineData(65, 101, 4)]
    [InlineData(87, 92, 4)]
    public void Signatures_of_boundary_cases_equal_the_published_vectors(int set, int valid, int invalid) =>
        Assert.Equal(new VectorCount(valid, invalid), DsaWycheproofVectors.SigningFromSeeds(set));

    [Fact]
    public void Damaged_expanded_keys_are_rejected_and_valid_ones_sign() =>
        Assert.Equal(new VectorCount(64, 5), DsaWycheproofVectors.SigningFromExpandedKeys());

    [Theory]
    [InlineData(44, 77, 103)]
    [InlineData(65, 79, 131)]
    [InlineData(87, 71, 170)]
    public void Invalid_signatures_are_rejected(int set, int valid, int invalid) =>
        Assert.Equal(new VectorCount(valid, invalid), DsaWycheproofVectors.Verifying(set));
}
