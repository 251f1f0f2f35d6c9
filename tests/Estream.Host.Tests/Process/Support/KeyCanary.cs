using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Estream.Crypto;

namespace Estream.Host.Tests.Process;

/// <summary>Searches for private keys: for parts of their seeds and of the secrets expanded from the seeds, as bytes, in hexadecimal and in
/// Base64.</summary>
/// <remarks>Searches for parts of a key, so that a key is also found if it is split into lines or only partly shown.</remarks>
internal sealed class KeyCanary
{
    private const int PieceBytes = 16;

    // A private key of FIPS 204, algorithm 24, consists of 32 public bytes, the secret K, a public hash, the secret vector s1, and more.
    private const int SigningSecretAt = 32;
    private const int SigningVectorAt = 128;

    private readonly List<(string Name, byte[] Bytes)> _pieces = [];
    private readonly List<(string Name, string Text)> _forms;

    // Searches for all forms in one pass, because there are many parts and the files are long.
    private readonly SearchValues<string> _any;

    public KeyCanary(string witnessKey, IEnumerable<string> audienceKeys, string vaultKey)
    {
        using (MlDsa87PrivateKey key = MlDsa87.Import(witnessKey))
        {
            byte[] seed = new byte[MlDsa87.SeedBytes], expanded = new byte[MlDsa87.PrivateKeyBytes];
            key.ExportSeed(seed);
            key.Export(expanded);
            Add("the witness's seed", seed);
            Add("the witness's K", expanded.AsSpan(SigningSecretAt, PieceBytes));
            Add("the witness's s1", expanded.AsSpan(SigningVectorAt, PieceBytes));
        }

        foreach (string file in audienceKeys)
        {
            using MlKem1024PrivateKey key = MlKem1024KeyFile.ReadPrivate(file);
            byte[] seed = new byte[MlKem1024.SeedBytes], expanded = new byte[MlKem1024.PrivateKeyBytes];
            key.ExportSeed(seed);
            key.Export(expanded);
            Add($"the seed of {file}", seed);
            Add($"the vector s of {file}", expanded.AsSpan(0, PieceBytes));
        }

        Add("the vault's key", Convert.FromHexString(File.ReadAllText(vaultKey).Trim()));
        _forms = [.. _pieces.SelectMany(piece => Encoded(piece.Bytes).Select(text => (piece.Name, text)))];
        _any = SearchValues.Create([.. _forms.Select(form => form.Text)], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The forms of bytes in a text: hexadecimal, and Base64 at any offset.</summary>
    public static IEnumerable<string> Encoded(byte[] bytes)
    {
        yield return Convert.ToHexString(bytes);
        for (int skipped = 0; skipped < 3; skipped++)
        {
            // Encode only whole groups of three bytes: the Base64 digits of an incomplete group depend on the neighbouring bytes.
            yield return Convert.ToBase64String(bytes, skipped, (bytes.Length - skipped) / 3 * 3);
        }
    }

    /// <summary>Returns the name of a key part that a text contains in some form; null if the text contains none.</summary>
    public string? FindIn(string text) =>
        text.AsSpan().ContainsAny(_any) ? _forms.First(form => text.Contains(form.Text, StringComparison.OrdinalIgnoreCase)).Name : null;

    /// <summary>Returns the name of a key part that a file contains as bytes or as text; null if the file contains none.</summary>
    public string? FindIn(byte[] bytes)
    {
        foreach ((string name, byte[] piece) in _pieces)
        {
            if (bytes.AsSpan().IndexOf(piece) >= 0)
            {
                return name;
            }
        }

        return FindIn(Encoding.Latin1.GetString(bytes));
    }

    /// <summary>Checks that the search finds each form in the key files themselves, so it would also find them elsewhere.</summary>
    public void RequireFound(IEnumerable<string> keyFiles)
    {
        Assert.All(keyFiles, file =>
        {
            string pem = File.ReadAllText(file);
            byte[] structure = Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
            Assert.NotNull(FindIn(pem));
            Assert.NotNull(FindIn(structure));
            Assert.NotNull(FindIn(Convert.ToHexStringLower(structure)));
        });
    }

    private void Add(string name, ReadOnlySpan<byte> secret)
    {
        _pieces.Add((name, secret[..PieceBytes].ToArray()));
        if (secret.Length > PieceBytes)
        {
            _pieces.Add((name, secret[^PieceBytes..].ToArray()));
        }
    }
}
