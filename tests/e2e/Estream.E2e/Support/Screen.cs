namespace Estream.E2e;

/// <summary>What the page is looked at on.</summary>
public sealed record Screen(string Name, int Width, int Height, bool Dark, bool Touch)
{
    public static readonly Screen Desk = new("desk, light", 1440, 900, Dark: false, Touch: false);

    public static readonly Screen DeskDark = new("desk, dark", 1440, 900, Dark: true, Touch: false);

    public static readonly Screen Phone = new("phone, light", 390, 844, Dark: false, Touch: true);

    public static readonly Screen PhoneDark = new("phone, dark", 390, 844, Dark: true, Touch: true);

    public override string ToString() => Name;
}
