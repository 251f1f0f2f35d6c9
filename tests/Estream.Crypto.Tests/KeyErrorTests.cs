using System.Reflection;
using System.Security.Cryptography;
using Estream.Crypto.Tests.Support;

namespace Estream.Crypto.Tests;

/// <summary>Tests the errors of invalid keys and buffers, and the state of a disposed key.</summary>
public sealed class KeyErrorTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(MlKem1024.PublicKeyBytes - 1)]
    [InlineData(MlKem1024.PublicKeyBytes + 1)]
    [InlineData(1184)]
    public void Import_of_a_public_key_of_the_wrong_length_throws_with_both_lengths(int length)
    {
        EstreamInvalidKeyException error = Assert.Throws<EstreamInvalidKeyException>(() => MlKem1024PublicKey.Import(new byte[length]));
        Assert.Equal(KeyFault.Length, error.Fault);
        Assert.Contains("1568", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{length} were given", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_of_a_seed_or_private_key_of_the_wrong_length_throws()
    {
        Assert.Equal(KeyFault.Length, Assert.Throws<EstreamInvalidKeyException>(() => MlKem1024PrivateKey.ImportSeed(new byte[32])).Fault);
        Assert.Equal(KeyFault.Length, Assert.Throws<EstreamInvalidKeyException>(() => MlKem1024PrivateKey.Import(new byte[64])).Fault);
    }

    [Theory]
    [InlineData(0, 3328, false)]
    [InlineData(0, 3329, true)]
    [InlineData(1, 3329, true)]
    [InlineData(1022, 4095, true)]
    [InlineData(1023, 3329, true)]
    public void A_coefficient_of_a_public_key_must_be_below_the_modulus(int index, int value, bool isRefused)
    {
        byte[] encoded = new byte[MlKem1024.PublicKeyBytes];
        encoded[index / 2 * 3] = (byte)(index % 2 == 0 ? value : 0);
        encoded[(index / 2 * 3) + 1] = (byte)(index % 2 == 0 ? value >> 8 : value << 4);
        encoded[(index / 2 * 3) + 2] = (byte)(index % 2 == 0 ? 0 : value >> 4);
        Exception? error = Record.Exception(() => MlKem1024PublicKey.Import(encoded));
        Assert.Equal(isRefused ? KeyFault.Modulus : null, (error as EstreamInvalidKeyException)?.Fault);
        Assert.Equal(isRefused, error is not null);
    }

    [Fact]
    public void A_private_key_with_a_changed_part_is_rejected_or_gives_another_secret()
    {
        using MlKem1024PrivateKey key = Keys.Numbered(1);
        byte[] whole = Keys.Export(key);
        Assert.Equal(KeyFault.Modulus, FaultOf(whole, 0, 0xFFF));
        Assert.Equal(KeyFault.Modulus, FaultOf(whole, 1536, 0xFFF));
        Assert.Equal(KeyFault.Hash, FaultOf(whole, 1536 + 1536, whole[1536 + 1536] ^ 1));
        Assert.Equal(KeyFault.Hash, FaultOf(whole, 1536 + 1568 + 31, whole[1536 + 1568 + 31] ^ 0x80));
        Assert.Null(FaultOf(whole, MlKem1024.PrivateKeyBytes - 2, 0));
    }

    [Fact]
    public void Buffers_of_the_wrong_length_throw_ArgumentException()
    {
        using MlKem1024PrivateKey key = Keys.Numbered(2);
        byte[] right = new byte[MlKem1024.CiphertextBytes], secret = new byte[MlKem1024.SharedSecretBytes];
        Assert.Throws<ArgumentException>("ciphertext", () => key.PublicKey.Encapsulate(new byte[right.Length - 1], secret));
        Assert.Throws<ArgumentException>("sharedSecret", () => key.PublicKey.Encapsulate(right, new byte[secret.Length + 1]));
        Assert.Throws<ArgumentException>("ciphertext", () => key.Decapsulate(new byte[right.Length + 1], secret));
        Assert.Throws<ArgumentException>("sharedSecret", () => key.Decapsulate(right, []));
        Assert.Throws<ArgumentException>("destination", () => key.PublicKey.Export(new byte[MlKem1024.PublicKeyBytes + 1]));
        Assert.Throws<ArgumentException>("destination", () => key.Export(new byte[MlKem1024.PrivateKeyBytes - 1]));
        Assert.Throws<ArgumentException>("destination", () => key.ExportSeed(new byte[32]));
    }

    [Fact]
    public void ExportSeed_throws_for_a_key_imported_in_expanded_form()
    {
        using MlKem1024PrivateKey key = Keys.Numbered(3);
        using MlKem1024PrivateKey again = MlKem1024PrivateKey.Import(Keys.Export(key));
        Assert.True(key.HasSeed);
        Assert.False(again.HasSeed);
        Assert.Throws<InvalidOperationException>(() => again.ExportSeed(new byte[MlKem1024.SeedBytes]));
    }

    [Fact]
    public void A_disposed_key_holds_no_secret_and_throws_but_its_public_key_still_works()
    {
        MlKem1024PrivateKey key = Keys.Numbered(4);
        Array[] secrets = [.. typeof(MlKem1024PrivateKey).GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
            .Select(field => field.GetValue(key)).OfType<Array>()];
        Assert.Equal(2, secrets.Length);
        Assert.All(secrets, secret => Assert.Contains(secret.Cast<object>(), value => Convert.ToInt32(value) != 0));
        key.Dispose();
        key.Dispose();
        Assert.All(secrets, secret => Assert.All(secret.Cast<object>(), value => Assert.Equal(0, Convert.ToInt32(value))));
        Assert.Throws<ObjectDisposedException>(() => Keys.Decapsulate(key, new byte[MlKem1024.CiphertextBytes]));
        Assert.Throws<ObjectDisposedException>(() => Keys.Export(key));
        Assert.Throws<ObjectDisposedException>(() => key.ExportSeed(new byte[MlKem1024.SeedBytes]));
        Assert.NotEqual(new byte[MlKem1024.SharedSecretBytes], Keys.Encapsulate(key.PublicKey).Secret);
    }

    // Imports a key with one byte replaced and bits set in the next byte. Returns the fault, or null if the import succeeds.
    private static KeyFault? FaultOf(byte[] whole, int at, int value)
    {
        byte[] changed = [.. whole];
        changed[at] = (byte)value;
        changed[at + 1] |= (byte)(value >> 8);
        try
        {
            MlKem1024PrivateKey.Import(changed).Dispose();
            return null;
        }
        catch (EstreamInvalidKeyException error)
        {
            return error.Fault;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(changed);
        }
    }
}
