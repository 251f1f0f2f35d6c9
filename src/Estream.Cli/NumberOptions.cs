using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Estream.Cli;

/// <summary>Guards options with a numeric value: text that is not a number is reported as a usage error and never reaches the
/// validators.</summary>
internal static class NumberOptions
{
    /// <summary>Guards the numeric options of a command and all its subcommands.</summary>
    public static void Guard(Command command)
    {
        foreach (Option option in command.Options.Where(option => option.Validators.Count > 0 && IsNumber(option.ValueType, out _)))
        {
            Action<OptionResult>[] checks = [.. option.Validators];
            option.Validators.Clear();
            option.Validators.Add(result =>
            {
                // A validator throws if it reads the value of text that is not a number.
                if (result.Tokens.All(token => Fits(token.Value, option.ValueType)))
                {
                    Array.ForEach(checks, check => check(result));
                }
            });
        }

        foreach (Command below in command.Subcommands)
        {
            Guard(below);
        }
    }

    /// <summary>Whether a type is int, long or double, or a nullable of these.</summary>
    public static bool IsNumber(Type type, out bool isWhole)
    {
        Type number = Nullable.GetUnderlyingType(type) ?? type;
        isWhole = number == typeof(int) || number == typeof(long);
        return isWhole || number == typeof(double);
    }

    /// <summary>Whether a text is a valid number of a type.</summary>
    public static bool Fits(string text, Type type)
    {
        Type number = Nullable.GetUnderlyingType(type) ?? type;
        return number == typeof(int) ? int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
            : number == typeof(long) ? long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
            : double.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _);
    }
}
