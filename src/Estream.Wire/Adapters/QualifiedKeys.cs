namespace Estream.Wire;

/// <summary>Runs checks of options and adds the path of the settings to the key of an error, because the checks do not know the
/// path.</summary>
internal static class QualifiedKeys
{
    /// <exception cref="WireConfigurationException">The check fails.</exception>
    public static void In(WireSettings settings, Action check)
    {
        In(settings, () =>
        {
            check();
            return true;
        });
    }

    /// <summary>Runs a check that returns a value.</summary>
    /// <exception cref="WireConfigurationException">The check fails.</exception>
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
