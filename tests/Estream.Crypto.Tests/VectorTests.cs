using Estream.Crypto.Tests.Support;

namespace Estream.Crypto.Tests;

/// <summary>Runs all published cases with the instructions of this processor. The expected counts are the numbers of cases in the files, so
/// no case is skipped.</summary>
public sealed class VectorTests
{
    [Fact]
    public void Invalid_public_keys_are_rejected_and_encapsulation_equals_the_published_vectors() =>
        Assert.Equal(new VectorCount(133, 136), EncapsulationVectors.Run());

    [Fact]
    public void Damaged_expanded_keys_throw_and_others_decapsulate() => Assert.Equal(new VectorCount(3, 6), ExpandedKeyVectors.Run());

    [Fact]
    public void Decapsulation_equals_the_published_vectors_for_valid_changed_and_random_ciphertexts() =>
        Assert.Equal(new VectorCount(153, 40), DecapsulationVectors.Run());

    [Fact]
    public void Keys_from_seeds_equal_the_published_vectors() => Assert.Equal(new VectorCount(100, 0), KeyGenerationVectors.Run());

    [Fact]
    public void The_known_answers_of_the_Keccak_team_match() => Assert.Equal(1024, KeccakVectors.Run());

    [Fact]
    public void The_known_answers_of_OpenSSL_match() => Assert.Equal(20, KeccakVectors.RunOpenSsl());

    [Fact]
    public void Kmac_over_the_lanes_has_the_published_tags() => Assert.Equal(new VectorCount(99, 162), KmacVectors.Run());

    [Fact]
    public void Hmac_over_the_sponge_has_the_published_tags() => Assert.Equal(new VectorCount(66, 108), HmacVectors.Run());
}
