using System.CommandLine;

namespace Estream.Cli.Commands;

/// <summary>Arguments and options shared by several commands.</summary>
internal static class SharedOptions
{
    public static Argument<string> Queue()
    {
        return new Argument<string>("QUEUE") { Description = "The name of a queue, or its directory if the argument contains a '/'." };
    }

    public static Argument<string> Map()
    {
        return new Argument<string>("MAP") { Description = "The name of a map, or its directory if the argument contains a '/'." };
    }

    public static Option<string> Required(string name, string helpName, string help)
    {
        return new Option<string>(name) { Description = help, HelpName = helpName, Required = true };
    }

    public static Option<bool> Json()
    {
        return new Option<bool>("--json") { Description = "Print one JSON object per line." };
    }

    public static Option<string[]> SchemaFiles()
    {
        return new Option<string[]>("--schema")
        {
            Description = "An additional schema file (.esf.yaml), besides the built-in schemas and the schemas of the host. May be "
                + "repeated.",
            HelpName = "FILE",
            DefaultValueFactory = _ => [],
        };
    }

    public static Option<string[]> Imports()
    {
        return new Option<string[]>("--import")
        {
            Description =
                "A file that the schemas import from: the estream-component.toml or a .esf.yaml file of a schema pack. May be repeated.",
            HelpName = "FILE",
            DefaultValueFactory = _ => [],
        };
    }
}
