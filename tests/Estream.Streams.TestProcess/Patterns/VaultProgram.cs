using System.Globalization;
using System.Text;
using Estream.Esf;

namespace Estream.Streams.TestProcess.Patterns;

/// <summary>Requests tokens from a vault, for the same cards in every process but in another order, and prints each token.</summary>
public static class VaultProgram
{
    public const int Cards = 400;

    public static int Run(string directory, string keyFile, string seed)
    {
        using CardVaultKey key = CardVaultKey.Load(keyFile);
        using CardVault vault = CardVault.Open(directory, key);
        var random = new Random(int.Parse(seed, CultureInfo.InvariantCulture));
        Console.WriteLine("running");
        while (true)
        {
            byte[] card = CardOf(random.Next(Cards));
            byte[] token = new byte[card.Length];
            if (vault.Tokenize(card, token) != EsfTokenOutcome.Ok)
            {
                throw new InvalidOperationException("A card has no token.");
            }

            Console.WriteLine($"token {Encoding.ASCII.GetString(card)} {Encoding.ASCII.GetString(token)}");
        }
    }

    /// <summary>Returns a card by its number: many share the digits that a token shows.</summary>
    public static byte[] CardOf(int number)
    {
        byte[] card = Encoding.ASCII.GetBytes($"411111{number:d6}111");
        for (char digit = '0'; ; digit++)
        {
            byte[] whole = [.. card, (byte)digit];
            if (EsfCardNumber.IsCard(whole))
            {
                return whole;
            }
        }
    }
}
