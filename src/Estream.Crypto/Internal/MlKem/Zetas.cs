namespace Estream.Crypto.Internal.MlKem;

/// <summary>The powers of 17, the 256th root of unity modulo q, used by the transform.</summary>
internal static class Zetas
{
    private const int Root = 17;

    /// <summary>R * 17^BitRev7(i) modulo q, for i from 0 to 127, between -q/2 and q/2.</summary>
    public static short[] Values { get; } =
        [.. Enumerable.Range(0, Parameters.N / 2).Select(i => ToMontgomery(Power(BitReversal.Of(i, 7))))];

    /// <summary>Returns a number divided by q modulo 2^16: the third operand of <see cref="IModularLane{T}.Multiply"/>.</summary>
    public static short OverQ(short value) => unchecked((short)(value * Parameters.QInverse));

    /// <summary>Returns the factors that <see cref="PolynomialProduct{T, TPair, TOps}"/> uses, times R. Each pair of coefficients has two
    /// factors: 1, and the root γ of the product of pairs.</summary>
    public static short[] Gammas()
    {
        var gammas = new short[Parameters.N];
        for (int pair = 0; pair < Parameters.N / 2; pair++)
        {
            gammas[2 * pair] = ToMontgomery(1);
            gammas[(2 * pair) + 1] = ToMontgomery(Power((2 * BitReversal.Of(pair, 7)) + 1));
        }

        return gammas;
    }

    private static short ToMontgomery(int value)
    {
        int product = value * Parameters.R % Parameters.Q;
        return (short)(product > Parameters.Q / 2 ? product - Parameters.Q : product);
    }

    private static int Power(int exponent)
    {
        int power = 1;
        for (int i = 0; i < exponent; i++)
        {
            power = power * Root % Parameters.Q;
        }

        return power;
    }
}
