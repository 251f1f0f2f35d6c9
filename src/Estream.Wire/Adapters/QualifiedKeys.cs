namespace Estream.Wire;

/// <summary>Options are checked without knowing where they come from; this puts the place of their settings in front of a refusal's
/// key.</summary>
internal static class QualifiedKeys
{
    /// <exception cref="WireConfigurationException">The check refuses something.</exception>
    public static void In(WireSettings settings, Action check)
    {
        In(settings, () =>
        {
            check();
            return true;
        });
    }

    /// <summary>The same of a check that makes something.</summary>
    /// <exception cref="WireConfigurationException">The check refuses something.</exception>
    public static T In<T>(WireSettings settings, Func<T> check)
    {
        try
        {
            return check();
        }
        catch (WireConfigurationException failure)
        {
            throw new WireConfigurationException(settings.KeyOf(failure.Key), failure.Message[(failure.Key.Length + 2)..], failure);
        }
    }
}
